"""`python -m fercli` is the `fercli` command, and the program `fercli` begins here, too."""

from fercli.cli.app import main
from fercli.process import ending_at_once


def run() -> None:
    """Run a command."""
    with ending_at_once():
        main()


if __name__ == "__main__":
    run()
