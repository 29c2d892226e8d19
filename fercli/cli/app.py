"""The `fercli` command: its subcommands and its error messages."""

import errno
import os
import sys
from contextlib import nullcontext
from io import TextIOWrapper
from typing import Annotated

import typer

from fercli.cli.ablate import ablate
from fercli.cli.audit import audit
from fercli.cli.compare import compare
from fercli.cli.completion import completion
from fercli.cli.doctor import doctor
from fercli.cli.evaluate import evaluate
from fercli.cli.export import export
from fercli.cli.labels import labels
from fercli.cli.list import list_choices
from fercli.cli.options import options
from fercli.cli.pack import pack
from fercli.cli.predict import predict
from fercli.cli.preprocess import preprocess
from fercli.cli.printing import say
from fercli.cli.reproduce import reproduce
from fercli.cli.runs import app as runs
from fercli.cli.train import train
from fercli.cli.verify import verify
from fercli.errors import FercliError, printable, printable_lines
from fercli.own_code import naming_own_code
from fercli.process import collect_garbage_less_often, open_closed_streams, protect_children

CONTINUE = {"preprocess", "ablate"}  # commands that keep what they have done; a training says so itself
# The remedy for an error of the operating system, by its number.
REMEDIES = {
    errno.ENOSPC: "free some of the disk",
    errno.EDQUOT: "free some of your share of the disk",
    errno.EACCES: "ask its owner for the permission, or name another folder",
    errno.EPERM: "ask its owner for the permission, or name another folder",
    errno.EROFS: "the disk is mounted for reading only: name a folder on another one",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f), or name a folder on another disk",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine; close other programs",
    errno.EIO: "the disk cannot be read or written there: check it, and copy the file again",
    errno.ENAMETOOLONG: "give it a shorter name",
}
THEN_AGAIN = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE}  # after their remedy the same command succeeds

COMPLETING = "_FERCLI_COMPLETE"  # variable with which the scripts of `fercli completion` ask for suggestions

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
app.command()(audit)
app.command()(labels)
app.command()(train)
app.command("eval")(evaluate)
app.command()(ablate)
app.command()(compare)
app.command()(predict)
app.command()(export)
app.command()(pack)
app.command()(reproduce)
app.command()(verify)
app.command("list")(list_choices)
app.command()(options)
app.command()(doctor)
app.command()(completion)
app.add_typer(runs)


def _print_version(wanted: bool) -> None:
    if wanted:
        import fercli

        print(f"fercli {fercli.__version__}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Experiments in facial affect whose numbers can be traced and repeated."""


def main() -> None:
    """Run a command. An error that the user can fix gives one message and exit status 2; Ctrl-C gives 130."""
    open_closed_streams()
    protect_children()
    collect_garbage_less_often()
    if COMPLETING in os.environ:
        from typer.completion import completion_init

        completion_init()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # escape characters that the terminal cannot encode
            stream.reconfigure(errors="backslashreplace")
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        with nullcontext() if debug else naming_own_code():
            app(arguments, prog_name="fercli")
    except FercliError as error:
        if debug:
            raise
        say(f"error: {printable_lines(str(error))}")
        sys.exit(error.status)
    except OSError as error:
        if debug or error.errno is None:  # an error without a number is not from the operating system
            raise
        places = " and ".join(str(name) for name in (error.filename, error.filename2) if name)
        place = f" ({printable(places)})" if places else ""
        say(f"error: {error.strerror}{place}; {_remedy(error.errno, arguments)}")
        sys.exit(2)
    except SystemExit as end:
        if isinstance(getattr(end.__context__, "__cause__", None), KeyboardInterrupt):  # typer ends silently
            say("interrupted; the same command continues" if set(arguments[:1]) & CONTINUE else "interrupted")
        raise


def _remedy(number: int, arguments: list[str]) -> str:
    """Say what to do after an error of the operating system, and whether the same command then continues."""
    remedy = REMEDIES.get(number, "fix that")
    if number in REMEDIES and number not in THEN_AGAIN:
        return remedy
    continues = set(arguments[:1]) & {*CONTINUE, "train"} and "--find-lr" not in arguments
    return f"{remedy}; the same command then continues" if continues else f"{remedy}, and give the same command again"
