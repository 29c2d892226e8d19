"""What all benchmarks share: options, clocks, and tables, in Markdown or as one JSON document.

Each runs as `python -m benchmarks.NAME`, with the options `--repeats`, `--threads`, `--json`, and sizes of its own.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from fercli.runs.hardware import processor

Result = TypeVar("Result")
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Took:
    """What a call took, in seconds: wall-clock time, and CPU time of all threads of this process."""

    wall: float
    cpu: float

    def on(self, device: str) -> float:
        """Return the time that other work disturbs least: CPU time on the CPU, wall-clock time on a GPU."""
        return self.cpu if device == "cpu" else self.wall


@dataclass
class Table:
    """A table that is printed row by row.

    Attributes:
        columns: name of each column to the format of its values, such as `.2f`; empty for words.
        shown: whether rows are printed in Markdown.
    """

    title: str
    columns: Mapping[str, str]
    shown: bool
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, *values: Any) -> None:
        """Add a row, with one value for each column; None leaves a cell empty."""
        row = dict(zip(self.columns, values, strict=True))
        self.rows.append(row)
        if not self.shown:
            return
        if len(self.rows) == 1:
            sides = ["---:" if form else "---" for form in self.columns.values()]
            print(f"\n**{self.title}**\n\n| {' | '.join(self.columns)} |\n| {' | '.join(sides)} |")
        cells = ["" if value is None else f"{value:{self.columns[name]}}" for name, value in row.items()]
        print(f"| {' | '.join(cells)} |", flush=True)


@dataclass
class Report:
    """The tables of a benchmark."""

    shown: bool
    machine: Mapping[str, Any]
    tables: list[Table] = field(default_factory=list)

    def table(self, title: str, columns: Mapping[str, str]) -> Table:
        """Begin a table; see `Table`."""
        self.tables.append(Table(title, columns, self.shown))
        return self.tables[-1]

    def document(self, options: argparse.Namespace) -> str:
        """Return everything as JSON, with the options that were asked for."""
        asked = {key: value for key, value in vars(options).items() if key not in ("json", "threads")}
        tables = [{"title": table.title, "rows": table.rows} for table in self.tables]
        return json.dumps({"machine": self.machine, "options": asked, "tables": tables}, default=str, allow_nan=False)


def parser_of(name: str, about: str | None, repeats: int, repeated: str) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks have.

    Args:
        name: of the module, such as `benchmarks.svm_cost`.
        about: docstring of the module.
        repeats: default of `--repeats`.
        repeated: what is repeated, for the help.
    """
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(f"python -m {name}", description=about, formatter_class=form)
    parser.add_argument("--repeats", type=positive, default=repeats, help=f"{repeated}; {repeats} by default")
    parser.add_argument("--threads", type=positive, default=1, help="of every library; 1 by default")
    parser.add_argument("--json", action="store_true", help="print one JSON document in place of tables")
    return parser


def positive(text: str) -> int:
    """Read a whole number that is at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number, at least 1; found '{text}'")
    return int(text)


def names(text: str) -> list[str]:
    """Read words separated by commas; an empty text has none."""
    return [word for word in text.split(",") if word]


def numbers(text: str) -> list[int]:
    """Read positive whole numbers separated by commas."""
    return [positive(word) for word in names(text)]


@contextmanager
def report(options: argparse.Namespace) -> Iterator[Report]:
    """Limit the threads, say on which machine this runs, and collect tables; with `--json`, print them at the end."""
    use_threads(options.threads)
    machine = {"cpu": processor(), "threads": options.threads, "torch": version("torch")} | gpu_of(options)
    if not options.json:
        gpu = f", {machine['gpu']}" if "gpu" in machine else ""
        print(f"{machine['cpu']}{gpu}, threads: {machine['threads']}, torch {machine['torch']}", flush=True)
    found = Report(not options.json, machine)
    yield found
    if options.json:
        print(found.document(options))


def gpu_of(options: argparse.Namespace) -> dict[str, str]:
    """Return the name of the GPU that a benchmark measures; empty if it measures a CPU."""
    if getattr(options, "device", "cpu") == "cpu":
        return {}
    import torch

    return {"gpu": torch.cuda.get_device_name()}


def use_threads(number: int) -> None:
    """Limit the threads of each library in this process, and in the processes that it starts from now on."""
    os.environ |= dict.fromkeys(POOLS, str(number))  # read by libraries that are loaded later
    threadpool_limits(number)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(number)
    if cv2 := sys.modules.get("cv2"):
        cv2.setNumThreads(number)


class Clock:
    """Measure from its making on; the GPU first finishes what it was given, if this process uses one."""

    def __init__(self) -> None:
        self.wall, self.cpu = _now()

    def took(self) -> Took:
        """Return what the work since then took."""
        wall, cpu = _now()
        return Took(wall - self.wall, cpu - self.cpu)


def _now() -> tuple[float, float]:
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter(), time.process_time()


def once(call: Callable[[], Result]) -> tuple[Result, Took]:
    """Return the result of one call, and what it took."""
    clock = Clock()
    result = call()
    return result, clock.took()


def take_turns(calls: Mapping[str, Callable[[], object]], repeats: int) -> list[dict[str, Took]]:
    """Return what each call took in each round; calls take turns, so that other work disturbs all of them equally.

    Some rounds are run first and not counted: a tenth of the repeats, and at least one.
    """
    uncounted = max(1, repeats // 10)
    rounds = [{name: once(call)[1] for name, call in calls.items()} for _ in range(uncounted + repeats)]
    return rounds[uncounted:]


def middle(times: list[Took]) -> Took:
    """Return the medians of both clocks."""
    return Took(median(took.wall for took in times), median(took.cpu for took in times))


def timed(call: Callable[[], object], repeats: int) -> Took:
    """Return the median time of a call, after calls that are not counted."""
    return middle([took[""] for took in take_turns({"": call}, repeats)])


def apart(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function of a module in a new process, whose peak of memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(function, arguments)


def peak_memory() -> float:
    """Return the peak memory of this process so far in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
