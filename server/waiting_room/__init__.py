"""Where devices wait: how fast each may poll.

`local` serves one host. Losing a waiting room loses nothing but pace: what was decided is in the
store.
"""
