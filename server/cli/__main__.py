"""`python -m server.cli` is the `pairlight` command."""

from server.cli import main

main()
