"""The store: the roles of `server.core.ports` over SQL.

`schema` is the one description of the tables, `migrations` how a database gets there, `database`
how we talk to it; the other modules play one role each.
"""
