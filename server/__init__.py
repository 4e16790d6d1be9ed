"""The authorization server: protocol, state and HTTP.

`core` decides (RFC 8628 and RFC 6749, standard library only); `grants` holds one file per grant
type; `endpoints` turns parsed forms into answers; `storage`, `waiting_room` and `signing` keep,
pace and sign; `views` and `wsgi` are the two doors to the same endpoints; `app` puts the parts
together and is the only module that knows them all; `cli` is the `pairlight` command.
What people see lives in `verifier_web`, what runs on the device in `device_client`.
"""
