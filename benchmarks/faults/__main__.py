"""Kill, fail and damage whatever fercli writes and reads, and count what came of it. See benchmarks/README.md.

    python -m benchmarks.faults --json > faults.json

The last four columns must be 0: a wrong number, a traceback, a crash of the process, a hang. The document of `--json`
has every case and its outcome.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from benchmarks import measure
from benchmarks.faults.cases import Case, corruptions, errors, kills
from benchmarks.faults.child import warm_up
from benchmarks.faults.commands import prepare

RIGHT, REFUSED, LEFT_OUT = "continued right", "refused", "left out"
BAD = ("wrong", "traceback", "crash", "hang")
COLUMNS = (RIGHT, REFUSED, LEFT_OUT, *BAD)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all parts; the exit status is 1 where one of the last four columns is not 0."""
    parser = measure.parser_of("benchmarks.faults", __doc__, 1, "draws of faults, each with the next seed")
    parser.add_argument("--kills", type=int, help="most for each command, 0 for none; all by default")
    parser.add_argument("--errors", type=int, default=60, help="for each command, shared out over error numbers")
    parser.add_argument("--corruptions", type=int, default=120, help="of each kind of file, shared out over readers")
    parser.add_argument("--seed", type=int, default=0, help="of the first draw")
    options = parser.parse_args(arguments)
    found: list[Case] = []
    with measure.report(options) as report, tempfile.TemporaryDirectory() as folder:
        warm_up()
        place = prepare(Path(folder))
        table = report.table("Faults", {"what": "", "tried": ",", **dict.fromkeys(COLUMNS, ",")})
        for part in (
            partial(kills, place, options.kills),
            partial(errors, place, options.errors),
            partial(corruptions, place, options.corruptions),
        ):
            cases = [*_cases(part, range(options.seed, options.seed + options.repeats))]
            counts = Counter((what, outcome) for what, _, outcome, _ in cases)
            for what in dict.fromkeys(what for what, *_ in cases):  # after each part, for a whole run takes hours
                row = [counts[what, outcome] for outcome in COLUMNS]
                table.add(what, sum(row), *row)
            found += cases
        counts = Counter(outcome for _, _, outcome, _ in found)
        table.add("all", len(found), *(counts[outcome] for outcome in COLUMNS))
        if options.json:
            every = report.table("Cases", dict.fromkeys(("what", "case", "outcome", "said"), ""))
            for case in found:
                every.add(*case)
    return int(any(outcome in BAD for _, _, outcome, _ in found))


def _cases(part: Callable[..., Iterable[Case]], seeds: Iterable[int]) -> Iterable[Case]:
    for seed in seeds:
        for case in part(seed=seed):
            if case[2] in BAD:
                print(f"{case[2]}: {case[0]}, {case[1]}: {case[3]}", file=sys.stderr, flush=True)
            yield case


if __name__ == "__main__":
    raise SystemExit(main())
