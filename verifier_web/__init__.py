"""What people see: enter the code or come from an application, sign in, confirm, done.

`blueprint` makes the portal for an authorization server; `pages` holds one file per subject, and
`forms` shows their forms, also again after a mistake. `sent_request` is what an application asks by
way of the browser, `browser_session` the cookie and the proof that a form is ours. `error_pages`
and `security_headers` are for the whole application. All works without scripts, and decides nothing
of the protocol: that is `server.core`.
"""
