"""`fercli labels`: how far annotators agree, and which labels are probably wrong."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fercli.cli.arguments import Json

if TYPE_CHECKING:
    from fercli.datasets.store import Store


def labels(
    store: Annotated[Path, typer.Argument(help="Store, such as stores/ferplus.")],
    predictions: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Predictions out of sample: runs, a folder of runs, or CSV or Parquet files.", show_default=False
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="Whose rows a file of predictions is for.")] = "train",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for suspects.csv and suspects.html; the store otherwise.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Show how far annotators agree, and find labels to doubt.

    fercli labels stores/ferplus

    fercli labels stores/ferplus runs/softmax_ferplus_resnet18_*/seed0

    The first needs votes. The second needs predictions for rows that the network was not trained on, such as those of
    the folds of a cross-validation, and the extra `mislabels`.
    """
    from fercli.datasets.store import Store
    from fercli.engine.votes import votes_columns, votes_facts
    from fercli.errors import ConfigError
    from fercli.tables.suspects import agreement_table

    opened = Store(store)
    agreement: dict[str, Any] = {}
    for name in opened.splits:
        rows = opened.rows(name)
        columns = {key: opened.column(key)[rows] for key in ("id", "subject", "video")}
        columns["session"] = opened.sessions[rows]
        facts = votes_facts(columns | votes_columns(opened, rows))
        agreement |= {} if facts is None else {name: facts}
    if not agreement and not predictions:
        raise ConfigError(
            f"{store} holds no votes of several annotators; name predictions out of sample to look for wrong labels: "
            f"fercli labels {store} <runs or files>"
        )
    tables = [agreement_table(agreement, opened.name)] if agreement else []
    content: dict[str, Any] = {"store": str(store), "agreement": agreement}
    files: list[Path] = []
    if predictions:
        table, more, files = _suspects(opened, predictions, split, store if out is None else out)
        tables.append(table)
        content |= more
    if json:
        from fercli.cli.printing import print_json

        print_json(content)
        return
    from fercli.cli.console import Console
    from fercli.tables.terminal import TerminalTable

    for table in tables:
        Console().print(TerminalTable(table))
    for file in files:
        Console().print(str(file))


def _suspects(store: "Store", sources: list[Path], split: str, out: Path) -> tuple[Any, dict[str, Any], list[Path]]:
    """Find the suspects and write their files; return the table, the content for JSON, and the files."""
    from fercli.cli.console import Console
    from fercli.inference.mislabels import suspects, write_suspects
    from fercli.inference.out_of_sample import out_of_sample
    from fercli.pages.suspects import write_suspects_page
    from fercli.tables.suspects import suspects_table

    with Console(stderr=True).status("reading predictions"):
        read = out_of_sample(store, sources, split)
        found = suspects(store, read)
    notes = [f"{number:,} {reason}." for reason, number in read.counts.items() if number]
    notes += [f"Not known what these were trained on: {', '.join(read.unchecked)}."] if read.unchecked else []
    given = store.labels[found.rows]
    table = suspects_table(store.classes, store.labels[read.rows], given, found.suggested, notes)
    files = [out / "suspects.csv", out / "suspects.html"]
    write_suspects(found, files[0])
    write_suspects_page(found, table, files[1])
    content = {"rows": len(read.rows), "suspects": len(found.rows), "left_out": read.counts}
    return table, content | {"unchecked": list(read.unchecked), "files": [str(file) for file in files]}, files
