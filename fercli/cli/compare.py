"""`fercli compare`: published numbers and our own runs in one table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from fercli.cli.arguments import expect_figure
from fercli.cli.suggestions import overrides as suggested

if TYPE_CHECKING:
    from fercli.published.comparison import Numbers

WIDE = 120  # columns of a terminal; a narrower one gets one line a row, without references


def compare(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE]...",
            help="data=<name>, metric=<name>, runs=<folder>.",
            show_default=False,
            autocompletion=suggested,
        ),
    ] = None,
    since: Annotated[int | None, typer.Option(help="First year of published numbers.", show_default=False)] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Only the best of each published block.", show_default=False)
    ] = None,
    include: Annotated[str, typer.Option(help="Kinds of numbers.")] = "published,frontier,measured",
    format: Annotated[
        Literal["terminal", "markdown", "latex", "csv", "json"], typer.Option(help="How to print the table.")
    ] = "terminal",
    output: Annotated[
        Path | None, typer.Option(help="File to write the table to, instead of printing it.", show_default=False)
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(metavar="ROW", help="All that is known of one row, and where it comes from.", show_default=False),
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="File (.png, .svg) for a figure of year against result.", show_default=False)
    ] = None,
) -> None:
    """Compare published numbers with our own runs.

    Each protocol has a block of its own.

    published: numbers of the five sources and those that they quote; frontier: newer numbers; measured: our runs.

    fercli compare data=ferplus metric=accuracy runs=runs --format latex --output table.tex
    fercli compare data=rafdb --explain DAN
    """
    from fercli.cli.console import Console
    from fercli.cli.printing import print_text
    from fercli.figures.figure import save_figure
    from fercli.figures.timeline import timeline
    from fercli.published.comparison import comparison, numbers
    from fercli.tables.export import render
    from fercli.tables.terminal import TerminalTable

    expect_figure(figure)
    found = numbers(**_options(overrides or []), since=since, include=include.split(","))
    if explain is not None:
        _expect_alone(format, {"--output": output, "--figure": figure, "--top": top})
        _explain(found, explain, format)
        return
    console = Console()
    one_line = format == "terminal" and output is None and console.width < WIDE
    table = comparison(found, top, one_line)
    if figure is not None:
        save_figure(timeline(found), figure)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(render(table, format), encoding="utf-8")
    elif format == "terminal":
        console.print(TerminalTable(table))
    else:
        print_text(render(table, format))


def _explain(found: "Numbers", row: str, format: str) -> None:
    from fercli.cli.printing import print_json, tell
    from fercli.published.comparison_explain import explain_row, explanation
    from fercli.studies.verify import doubts

    document = explain_row(found, row)
    for run in document["measured"]:
        run["doubts"] = [f"{folder}/{doubt}" for folder in run["folders"] for doubt in doubts(Path(folder))]
    if format == "json":
        print_json(document)
    else:
        tell(explanation(document, found))


def _expect_alone(format: str, others: dict[str, Any]) -> None:
    """Refuse options of the table together with --explain, which prints no table."""
    from fercli.errors import ConfigError

    if format not in ("terminal", "json"):
        raise ConfigError(f"expected --format terminal or json with --explain; found '{format}'")
    if given := [name for name, value in others.items() if value is not None]:
        raise ConfigError(f"expected no {given[0]} with --explain, which prints one row; found it")


# Not composed by Hydra: there, data=<name> is a yaml of conf/data, but numbers are published on many more data sets.
def _options(words: list[str]) -> dict[str, Any]:
    import yaml

    from fercli.catalog import CONF
    from fercli.errors import ConfigError, choose

    options: dict[str, Any] = yaml.safe_load((CONF / "compare.yaml").read_text())
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not value:
            raise ConfigError(f"cannot read '{word}'; expected key=value")
        choose("option", key, options, " in compare")
        options[key] = value
        if key == "runs" and not Path(value).is_dir():
            raise ConfigError(f"expected a folder with runs in {value}; found none")
    if missing := [key for key, value in options.items() if value == "???"]:
        raise ConfigError(f"no value for {missing[0]}; add {missing[0]}=<...>")
    return options
