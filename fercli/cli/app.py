"""The `fercli` command: its subcommands, and what becomes of errors."""

import errno
import sys
from typing import Annotated

import typer

from fercli.cli.ablate import ablate
from fercli.cli.compare import compare
from fercli.cli.evaluate import evaluate
from fercli.cli.list import list_choices
from fercli.cli.predict import predict
from fercli.cli.preprocess import preprocess
from fercli.cli.train import train
from fercli.errors import FercliError

FULL = (errno.ENOSPC, errno.EDQUOT)  # the disk, or the user's share of it

app = typer.Typer(
    name="fercli",
    help="Experiments in facial affect whose numbers can be traced and repeated.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich for its frames would double the time to answer
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(preprocess)
app.command()(train)
app.command("eval")(evaluate)
app.command()(ablate)
app.command()(compare)
app.command()(predict)
app.command("list")(list_choices)


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    """Experiments in facial affect whose numbers can be traced and repeated."""


def main() -> None:
    """Run a command. Errors that the user can mend are one message and exit status 2; Ctrl-C is exit status 130."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(arguments)
    except FercliError as error:
        if debug:
            raise
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if debug or error.errno not in FULL:
            raise
        place = f" ({error.filename})" if error.filename else ""
        print(f"error: {error.strerror}{place}; free some of it: the same command then continues", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
