"""The store: the roles of `server.core.ports` over SQL.

`schema` is the one description of the tables, `migrations` how a database gets there, `database`
how we talk to it, and `sqlite` and `postgresql` what is particular to each. `cleaning` deletes
what nobody can need any more. The other modules play one role each: they are written once, and
the same tests hold them to it on both.
"""
