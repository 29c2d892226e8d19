"""What `fercli eval` prints of a run: its numbers on one store, or on several stores side by side."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fercli.engine.evaluation import EvaluatedRun


def stores_in(places: Sequence[Path], own: str) -> list[Path]:
    """Return the stores that the places name, each once: a place is a store, or a folder with some.

    Args:
        own: fingerprint of the data of the run. Of a folder, the store with it comes first, so that the others are
            compared with it.
    """
    from fercli.datasets.store import Store

    found: dict[Path, Path] = {}
    for place in places:
        inside = [] if (place / "dataset.json").exists() else sorted(place.glob("*/dataset.json"))
        stores = sorted((file.parent for file in inside), key=lambda path: Store(path).fingerprint != own)
        for store in stores or [place]:
            found.setdefault(store.resolve(), store)
    return [*found.values()]


def print_one(evaluated: "EvaluatedRun", report: Path, json: bool) -> None:
    """Print the numbers on one store and the path of the page."""
    from fercli.cli.console import Console
    from fercli.cli.printing import print_json, say
    from fercli.cli.results import result_tables

    for name, (then, now) in evaluated.changed.items():
        say(f"note: {name} is now {now:.6g}; tables show {then:.6g}, the value when the run ended")
    if json:
        print_json(_document(evaluated, report))
        return
    Console().print(result_tables(evaluated.result, evaluated.on_all))
    print(report)


def print_several(evaluations: "Sequence[tuple[EvaluatedRun, Path]]", json: bool) -> None:
    """Print the numbers on several stores, tests of each against the first, and the paths of the pages."""
    from dataclasses import asdict

    from fercli.cli.console import Console
    from fercli.cli.printing import print_json
    from fercli.studies.store_tables import stores_tables
    from fercli.studies.stores import compare_stores
    from fercli.tables.terminal import TerminalTable

    compared = compare_stores([evaluated for evaluated, _ in evaluations])
    if json:
        found = [_document(*one) for one in evaluations]
        print_json({"evaluations": found, "against_first": [asdict(one) for one in compared]})
        return
    results = [evaluated.result for evaluated, _ in evaluations]
    names = [evaluated.data.store.path.name for evaluated, _ in evaluations]
    for table in stores_tables(results, names, compared):
        Console().print(TerminalTable(table))
        print()
    for name, (_, report) in zip(names, evaluations, strict=True):
        print(f"{name}: {report}")


def _document(evaluated: "EvaluatedRun", report: Path) -> dict[str, Any]:
    whole = {} if evaluated.on_all is None else {"on_all_classes": evaluated.on_all}
    return {"run": str(evaluated.run.path), "report": str(report)} | evaluated.result | whole
