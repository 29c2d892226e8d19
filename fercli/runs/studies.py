"""Which studies refer to which runs: from the `table.json` of each study, in `<runs>/studies/`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from fercli.errors import RunError, printable, reading

TABLE = "table.json"
RESULT = re.compile(r".*?([^/]+/seed\d+(?:/eval/[^/]+)?)")
MOST_BYTES = 256 << 20  # of a table; one with 1,000 cells has some 2 MB


def results_of(study: Path) -> list[Path]:
    """Return the folders of the cells of a study, finished or not; the table gives their paths from where it was made.

    Runs lie beside the study: `<runs>/<name>/seed<k>` or an evaluation in it.

    Raises:
        RunError: its table is damaged.
    """
    table = study / TABLE
    with reading(table, "the results of a study", error=RunError, remedy="run the study again"):
        if table.stat().st_size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} bytes")
        results = [str(cell["result"]) for cell in json.loads(table.read_bytes())["cells"]]
    found = []
    for result in dict.fromkeys(results):
        parts = RESULT.fullmatch(result)
        if parts is None or ".." in parts[1].split("/"):
            raise RunError(f"{table} names '{printable(result[:200])}', which is no folder of a run")
        found.append(study.parents[1] / parts[1])
    return found


def run_of(result: Path) -> Path:
    """Return the run folder of a cell, which may be an evaluation in it."""
    return result.parents[1] if result.parent.name == "eval" else result


def study_folders(runs: Path) -> list[Path]:
    """Return the folders of the studies under a folder of runs, by name."""
    return sorted(path.parent for path in (runs / "studies").glob(f"*/{TABLE}"))


def studies_by_run(runs: Path) -> tuple[dict[Path, list[str]], list[str]]:
    """Return which studies refer to each run folder, and what is wrong with tables that cannot be read."""
    found: dict[Path, list[str]] = {}
    damaged = []
    for study in study_folders(runs):
        try:
            for run in dict.fromkeys(map(run_of, results_of(study))):
                found.setdefault(run, []).append(study.name)
        except RunError as error:
            damaged.append(str(error))
    return found, damaged


def studies_of(run: Path) -> Iterator[str]:
    """Yield the studies that refer to a run, and a sentence for each study whose table cannot be read."""
    runs = run.parents[1]
    found, damaged = studies_by_run(runs)
    yield from found.get(run, [])
    yield from (f"perhaps one more: {sentence}" for sentence in damaged)
