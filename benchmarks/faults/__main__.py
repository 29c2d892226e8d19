"""Kill, fail and damage whatever fercli writes and reads, and count what came of it. See benchmarks/README.md.

    python -m benchmarks.faults --json faults.json

The last four columns must be 0: a wrong number, a traceback, a crash of the process, a hang.
"""

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.faults.cases import Case, corruptions, errors, kills
from benchmarks.faults.child import warm_up
from benchmarks.faults.commands import prepare

RIGHT, REFUSED, LEFT_OUT = "continued right", "refused", "left out"
BAD = ("wrong", "traceback", "crash", "hang")
COLUMNS = (RIGHT, REFUSED, LEFT_OUT, *BAD)


def main() -> int:
    """Run all parts; the exit status is 1 where one of the last four columns is not 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, help="most for each command, 0 for none; all by default")
    parser.add_argument("--errors", type=int, default=60, help="for each command, shared out over error numbers")
    parser.add_argument("--corruptions", type=int, default=120, help="of each kind of file, shared out over readers")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="file for every case and its outcome")
    options = parser.parse_args()
    warm_up()
    found: list[Case] = []
    with tempfile.TemporaryDirectory() as folder:
        place = prepare(Path(folder))
        for part in (
            kills(place, options.kills, options.seed),
            errors(place, options.errors, options.seed),
            corruptions(place, options.corruptions, options.seed),
        ):
            for case in part:
                found.append(case)
                if case[2] in BAD:
                    print(f"{case[2]}: {case[0]}, {case[1]}: {case[3]}", flush=True)
            if found:  # after each part, for a whole run takes hours
                _print(found)
            if options.json:
                options.json.write_text(json.dumps(found, indent=1))
    return int(any(outcome in BAD for _, _, outcome, _ in found))


def _print(found: list[Case]) -> None:
    table = Table("what", "tried", *COLUMNS)
    counts = Counter((what, outcome) for what, _, outcome, _ in found)
    for what in dict.fromkeys(what for what, *_ in found):
        row = [counts[what, outcome] for outcome in COLUMNS]
        table.add_row(what, *(f"{number:,}" for number in (sum(row), *row)))
    total = Counter(outcome for _, _, outcome, _ in found)
    table.add_section()
    table.add_row("all", f"{len(found):,}", *(f"{total[outcome]:,}" for outcome in COLUMNS))
    Console(width=130, markup=False).print(table)


if __name__ == "__main__":
    raise SystemExit(main())
