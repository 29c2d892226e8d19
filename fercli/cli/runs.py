"""`fercli runs`: list, look into, label, move and delete run folders."""

from pathlib import Path
from typing import Annotated

import typer

from fercli.cli.arguments import Json, expect_figure, expect_one_run
from fercli.cli.suggestions import runs as suggested

app = typer.Typer(
    name="runs",
    help="List, show, compare, label, move and delete runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Run = Annotated[
    Path, typer.Argument(help="Run folder, such as runs/<name>/seed0.", show_default=False, autocompletion=suggested)
]
Folders = Annotated[list[Path], typer.Argument(help="Run folders.", show_default=False, autocompletion=suggested)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command("list")
def list_(
    runs: Annotated[Path, typer.Argument(help="Folder of run folders, at any depth.")] = Path("runs"),
    method: Annotated[str, typer.Option(help="Only this method.", show_default=False)] = "",
    data: Annotated[str, typer.Option(help="Only this data set.", show_default=False)] = "",
    study: Annotated[str, typer.Option(help="Only runs that this study refers to.", show_default=False)] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Only runs with this tag; may be repeated.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help="finished, running, stopped, failed, 'not begun' or damaged; may be repeated."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Bound of a metric in its printed unit, such as 'accuracy>=85'; may be repeated."),
    ] = None,
    sort: Annotated[
        str, typer.Option(help="A metric (best run first), or folder, state, method, data, backbone, seed, started.")
    ] = "folder",
    reverse: Annotated[bool, typer.Option("--reverse", help="Turn the order around.")] = False,
    json: Json = False,
) -> None:
    """List runs: finished, running, stopped, failed and damaged ones.

    fercli runs list --data ferplus --where 'accuracy>=80' --sort accuracy
    """
    from fercli.cli.run_listing import print_entries
    from fercli.runs.choice import KEYS, Threshold, Wanted, choose_entries, sort_entries
    from fercli.runs.listing import list_runs

    bounds = [Threshold.of(text) for text in where or []]
    entries = list_runs(runs)
    wanted = Wanted(method, data, study, tag or [], state or [], bounds)
    shown = sort_entries(choose_entries(entries, wanted), sort, reverse)
    metrics = [bound.metric for bound in bounds] + ([] if sort in KEYS else [sort])
    print_entries(shown, len(entries), runs, list(dict.fromkeys(metrics)), json)


@app.command()
def show(run: Run, json: Json = False) -> None:
    """Print all that is known of one run.

    Numbers, data, origin, tags, studies and files.
    """
    from fercli.cli.run_listing import print_run
    from fercli.runs.listing import read_entry
    from fercli.runs.removal import given_run
    from fercli.runs.studies import studies_of

    folder = given_run(run)
    print_run(read_entry(folder.path, studies_of(folder.path)), json)


@app.command()
def diff(
    first: Run,
    second: Run,
    figure: Annotated[
        Path | None, typer.Option(help="File (.png, .svg) for a figure of both trainings.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Print what differs between two finished runs.

    Options, data, origin, numbers, predictions and curves.
    """
    from fercli.cli.run_difference import print_difference, write_curves
    from fercli.runs.difference import compare_runs
    from fercli.runs.removal import given_run

    expect_figure(figure)
    one, other = given_run(first), given_run(second)
    found = compare_runs(one, other)
    if figure is not None:
        write_curves(one, other, figure)
    print_difference(one, other, found, json)


@app.command()
def tag(
    run: Run,
    tags: Annotated[list[str] | None, typer.Argument(help="Tags to add.", show_default=False)] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Tag to remove; may be repeated.")] = None,
) -> None:
    """Add or remove tags of a run, and print its tags. Tags change no number and no run id.

    fercli runs tag runs/softmax_ferplus_resnet18_1a2b3c4d5e/seed0 baseline --remove draft
    """
    from fercli.runs.notes import read_notes, with_tags, write_notes
    from fercli.runs.removal import given_run

    expect_one_run(run, tags)
    folder = given_run(run)
    notes = read_notes(folder)
    if tags or remove:
        notes = with_tags(notes, tags or [], remove or [])
        write_notes(folder, notes)
    print("\n".join(notes.tags) if notes.tags else "no tags")


@app.command()
def note(
    run: Run,
    text: Annotated[
        str | None, typer.Argument(help="The note; '' removes it. Without it, the note is printed.", show_default=False)
    ] = None,
) -> None:
    """Write or print the note of a run."""
    from dataclasses import replace

    from fercli.errors import printable_lines
    from fercli.runs.notes import read_notes, write_notes
    from fercli.runs.removal import given_run

    expect_one_run(run, [text or ""])
    folder = given_run(run)
    notes = read_notes(folder)
    if text is not None:
        notes = replace(notes, note=text)
        write_notes(folder, notes)
    print(printable_lines(notes.note) if notes.note else "no note")


@app.command()
def move(
    runs: Folders,
    target: Annotated[Path, typer.Argument(help="The other folder of runs, such as archive/runs.")],
    yes: Yes = False,
) -> None:
    """Move run folders into another folder of runs.

    Asks first if a study refers to one of them.
    """
    from fercli.cli import run_removal
    from fercli.runs.removal import given_run

    run_removal.move([given_run(run) for run in runs], target, yes)


@app.command()
def delete(runs: Folders, yes: Yes = False) -> None:
    """Delete run folders, after a question that says what is lost."""
    from fercli.cli import run_removal
    from fercli.runs.removal import given_run

    run_removal.delete([given_run(run) for run in runs], yes)


@app.command()
def prune(
    runs: Annotated[Path, typer.Argument(help="Folder of run folders, at any depth.")] = Path("runs"), yes: Yes = False
) -> None:
    """Delete the runs that have not finished, after a question.

    The question lists them. A run that trains now stays.
    """
    from fercli.cli import run_removal

    run_removal.prune(runs, yes)
