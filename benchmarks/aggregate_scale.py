"""Time and memory of reading run folders and planning studies, as their number grows.

    python -m benchmarks.aggregate_scale [--sizes 100,1000,10000] [--cells 10000]

The folders are simulated and have the files of a run, finished as fercli finishes a training. Of ten runs, eight are
finished, one is stopped with a checkpoint, and one has failed. An experiment has five seeds, one protocol and one data
fingerprint; there are two commits. Each size is read in new processes, because memory is the peak of the process. The
memory before the measurement is subtracted. A plan has a new process as well, because a process keeps what it has
composed. Times are medians over the processes.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import cv2
import numpy as np

from benchmarks import measure
from fercli.facts import packaged_facts
from fercli.protocol import Protocol
from fercli.runs.folder import RunFolder

NUM_SEEDS = 5
METRICS = ("accuracy", "mean_class_accuracy", "macro_f1", "mcc", "ece", "ccc_valence", "ccc_arousal", "rmse_valence")
FILES = ("config.yaml", "overrides.txt", "provenance.json", "history.csv", "predictions.parquet", "weights.ckpt")
STATES = {8: "stopped", 9: "failed"}  # by the last digit of a run's number; the others are finished


def write_runs(runs: Path, count: int) -> None:
    """Write simulated run folders, without waiting for the disk: they need not survive a power failure."""
    with mock.patch("os.fsync"):
        _write_runs(runs, count)


def _write_runs(runs: Path, count: int) -> None:
    for number in range(count):
        experiment, seed = divmod(number, NUM_SEEDS)
        run = RunFolder(runs / f"dda_rafdb_resnet18_{experiment:010x}" / f"seed{seed}")
        for folder in ("checkpoints", "figures", "tensorboard/version_0"):
            (run.path / folder).mkdir(parents=True)
        for name in FILES:
            (run.path / name).write_text(f"{name} of run {number}")
        state = STATES.get(number % 10)
        if state is None:
            run.finish(summary(experiment, seed))
        elif state == "stopped":
            run.last.touch()
        else:
            run.path.with_suffix(".log").write_text("epoch 1\nerror: expected finite predictions, found NaN\n")


def summary(experiment: int, seed: int) -> dict[str, Any]:
    """Return the content of metrics.json of a finished run."""
    protocol = Protocol("RAF-DB", split="test", classes="7", selection=("holdout", "last")[experiment % 2])
    return {
        "run_id": f"{experiment:010x}",
        "method": "dda",
        "data": {"name": "rafdb", "fingerprint": f"{experiment % 3:064x}", "classes": [str(i) for i in range(7)]},
        "backbone": "resnet18",
        "seed": seed,
        "protocol": asdict(protocol) | {"size": 90, "budget": "full", "num_train_rows": 11044},
        "metrics": {
            name: {"value": 0.8 + 0.001 * seed, "low": 0.79, "high": 0.81} | packaged_facts()[name].document()
            for name in METRICS
        },
        "num_rows": 3068,
        "commit": f"{seed % 2:040x}",
        "epochs": 60,
        "seconds": 1234.5,
    }


@dataclass(frozen=True)
class Aggregated:
    """What reading run folders, and the table over seeds, took: times, MiB, rows, experiments, folders by state."""

    read: measure.Took
    grouped: measure.Took
    memory: float
    rows: int
    experiments: int
    left_out: dict[str, int]


def aggregate(runs: str) -> Aggregated:
    """Measure reading these run folders, and the table over seeds."""
    from fercli.runs.collect import collect, over_seeds

    before = measure.peak_memory()
    found, read = measure.once(lambda: collect(runs))
    table, grouped = measure.once(lambda: over_seeds(found.runs))
    left_out = Counter(left.reason for left in found.left_out)
    num_experiments = table["run_id"].nunique()
    memory = measure.peak_memory() - before
    return Aggregated(read, grouped, memory, len(found.runs), num_experiments, dict(left_out))


def expect_all_read(found: Aggregated, count: int) -> None:
    """Check that every finished run was read: a time of runs that were left out would say nothing."""
    states = Counter(STATES.get(number % 10, "finished") for number in range(count))
    rows = len(METRICS) * states.pop("finished", 0)
    if (found.rows, found.left_out) != (rows, states):
        raise SystemExit(f"expected {rows} rows and {dict(states)}; found {found.rows} rows and {found.left_out}")


def write_store(folder: Path) -> None:
    """Prepare a store of four gray images, as `fercli preprocess data=folder` does."""
    from fercli.datasets.readers.folder import Folder
    from fercli.datasets.source import Source
    from fercli.preprocess.crop import Crop
    from fercli.preprocess.face import WholeImage
    from fercli.preprocess.job import Job
    from fercli.preprocess.pipeline import preprocess
    from fercli.preprocess.work import Work

    raw = folder / "raw"
    for number, place in enumerate(("train/fear", "train/anger", "test/fear", "test/anger")):
        (raw / place).mkdir(parents=True)
        cv2.imwrite(str(raw / place / "0.png"), np.full((32, 32), 50 * number, np.uint8))
    preprocess(Job("folder", Folder(), Work(Source(raw), WholeImage(), Crop(size=32))), folder / "stores" / "folder")


def planned(num_rows: int, count: int) -> tuple[int, measure.Took, measure.Took]:
    """Measure the first plan of a process, of about this number of cells, and which of them are missing."""
    from fercli.studies.grid import plan
    from fercli.studies.request import Request
    from fercli.studies.study import study_from

    content = {"title": "t", "source": "s", "table": "t", "data": "folder", "metrics": ["accuracy"]}
    content |= {"seeds": list(range(count // num_rows))}
    content["rows"] = [
        {"label": f"gamma {i}", "overrides": ["method=dda", f"loss.dda.weight={i}"]} for i in range(1, num_rows + 1)
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_store(folder)
        study, request = study_from("scale", content), Request(runs=folder / "runs", stores=folder / "stores")
        found, took = measure.once(lambda: plan(study, request))
        missing, took_missing = measure.once(lambda: found.missing)
    assert len(missing) == len(found.cells)
    return len(found.cells), took, took_missing


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size, and print the tables."""
    parser = measure.parser_of(__spec__.name, __doc__, 3, "processes that read each size, or plan")
    parser.add_argument("--sizes", type=measure.numbers, default="100,1000,10000", help="numbers of run folders")
    parser.add_argument("--cells", type=measure.positive, default=10000, help="of the planned study")
    parser.add_argument("--rows", type=measure.positive, default=20, help="of the planned study")
    options = parser.parse_args(arguments)
    columns = {"run folders": ",", "read CPU s": ".2f", "read wall s": ".2f", "grouped over seeds CPU s": ".2f"}
    columns |= {"memory MiB": ".0f", "rows": ",", "experiments": ",", "left out": ","}
    with measure.report(options) as report:
        table = report.table("Reading runs", columns)
        for count in options.sizes:
            with tempfile.TemporaryDirectory() as runs:
                write_runs(Path(runs), count)
                found = [measure.apart(aggregate, runs) for _ in range(options.repeats)]
            first = found[0]
            expect_all_read(first, count)
            read, grouped = (measure.middle([getattr(one, name) for one in found]) for name in ("read", "grouped"))
            memory = median(one.memory for one in found)
            left_out = sum(first.left_out.values())
            table.add(count, read.cpu, read.wall, grouped.cpu, memory, first.rows, first.experiments, left_out)
        columns = {"cells": ",", "rows": "d", "CPU s": ".2f", "wall s": ".2f", "which are missing, CPU s": ".2f"}
        table = report.table("Planning a study", columns)
        plans = [measure.apart(planned, options.rows, options.cells) for _ in range(options.repeats)]
        took, missing = (measure.middle([one[place] for one in plans]) for place in (1, 2))
        table.add(plans[0][0], options.rows, took.cpu, took.wall, missing.cpu)


if __name__ == "__main__":
    main()
