"""`fercli audit`: find twins in a store, or between two stores."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from fercli.cli.arguments import Json, expect_figure


def audit(
    store: Annotated[Path, typer.Argument(help="Store, such as stores/ferplus.")],
    other: Annotated[
        Path | None,
        typer.Argument(help="Another store: find its rows with a twin in the first.", show_default=False),
    ] = None,
    ids: Annotated[
        Path | None,
        typer.Option(help="CSV file for the pairs; twins.csv in the store otherwise.", show_default=False),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            help="File (.png, .svg) for the worst pairs; figures/twins.png in the store otherwise.", show_default=False
        ),
    ] = None,
    format: Annotated[
        Literal["terminal", "markdown", "latex", "csv", "json"], typer.Option(help="How to print the table.")
    ] = "terminal",
    json: Json = False,
) -> None:
    """Find duplicates, shared people and contradicting labels.

    fercli audit stores/ferplus

    fercli audit stores/rafdb stores/affectnet

    The twins are recorded in the first store. `eval` and the tables then also give every metric on the samples without
    a twin in training.
    """
    expect_figure(figure)
    from fercli.audit.audit import audit as find
    from fercli.audit.tables import audit_json, audit_table, write_pairs
    from fercli.cli.console import Console
    from fercli.datasets.store import Store
    from fercli.figures.figure import save_figure
    from fercli.figures.twins import twins_figure
    from fercli.tables.export import render
    from fercli.tables.terminal import TerminalTable

    first, second = Store(store), None if other is None else Store(other)
    with Console(stderr=True).status("comparing images"):
        found = find(first, second)
        ids = store / f"{found.stem}.csv" if ids is None else ids
        write_pairs(found, ids)
        if found.pairs.num_rows:
            figure = store / "figures" / f"{found.stem}.png" if figure is None else figure
            save_figure(twins_figure(found), figure)
    files = {"ids": str(ids), "figure": str(figure) if found.pairs.num_rows else None}
    if json:
        from fercli.cli.printing import print_json

        print_json(audit_json(found) | files)
        return
    table = audit_table(found)
    if format == "terminal":
        Console().print(TerminalTable(table))
    else:
        print(render(table, format), end="")
    for name in filter(None, files.values()):
        Console(stderr=True).print(name)
