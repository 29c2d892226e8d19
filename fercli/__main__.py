"""`python -m fercli` is the `fercli` command."""

from fercli.cli.app import main

main()
