"""The protocol, and nothing else: no Flask, no SQL, no clock and no randomness of its own.

Start at `authorization_server`, the facade that endpoints and pages call, then read `states` and
`polling`: they are the heart. What the core asks of the outside world stands in `ports`.
"""
