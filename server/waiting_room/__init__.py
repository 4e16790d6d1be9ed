"""Where devices wait: how fast each may poll, and who is woken when a person decides.

What was decided is in the store; losing a waiting room loses nothing but pace and promptness.
`places` holds the waiting polls of one process. `local` joins the processes of one host, through
the file that `shared_table` lays out. `redis` joins many hosts, through the connection that
`redis_link` keeps, and leans on `local` while Redis is gone; it needs the package `redis`.
"""
