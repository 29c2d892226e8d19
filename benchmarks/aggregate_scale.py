"""Time and memory of reading run folders and planning studies, as their number grows.

    python benchmarks/aggregate_scale.py [--sizes 100,1000,10000] [--cells 10000]

Prints a Markdown table. The folders are simulated and have the files of a run. Of ten runs, eight are finished, one is
stopped with a checkpoint, and one has failed. An experiment has five seeds, one protocol and one data fingerprint;
there are two commits. Each size is measured in its own process, because memory is the peak of the process. The memory
before the measurement is subtracted.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fercli.facts import packaged_facts

NUM_SEEDS = 5
NUM_ROWS = 20  # of the planned study
METRICS = ("accuracy", "mean_class_accuracy", "macro_f1", "mcc", "ece", "ccc_valence", "ccc_arousal", "rmse_valence")


def write_runs(runs: Path, count: int) -> None:
    """Write simulated run folders."""
    for number in range(count):
        experiment, seed = divmod(number, NUM_SEEDS)
        folder = runs / f"dda_rafdb_resnet18_{experiment:010x}" / f"seed{seed}"
        (folder / "checkpoints").mkdir(parents=True)
        (folder / "figures").mkdir()
        (folder / "tensorboard" / "version_0").mkdir(parents=True)
        for name in ("config.yaml", "overrides.txt", "provenance.json", "history.csv", "predictions.parquet"):
            (folder / name).write_text("")
        if number % 10 == 8:
            (folder / "checkpoints" / "last.ckpt").write_text("")
        elif number % 10 == 9:
            folder.with_suffix(".log").write_text("epoch 1\nerror: expected finite predictions, found NaN\n")
        else:
            (folder / "metrics.json").write_text(json.dumps(summary(experiment, seed), indent=2))


def summary(experiment: int, seed: int) -> dict:
    """Return the content of metrics.json of a finished run."""
    protocol = {"split": "test", "selection": ("holdout", "last")[experiment % 2], "weights": None, "size": 90}
    protocol |= {"num_classes": 7, "budget": "full", "num_train_rows": 11044}
    return {
        "run_id": f"{experiment:010x}",
        "method": "dda",
        "data": {"name": "rafdb", "fingerprint": f"{experiment % 3:064x}", "classes": [str(i) for i in range(7)]},
        "backbone": "resnet18",
        "seed": seed,
        "protocol": protocol,
        "metrics": {
            name: {"value": 0.8 + 0.001 * seed, "low": 0.79, "high": 0.81} | packaged_facts()[name].document()
            for name in METRICS
        },
        "num_rows": 3068,
        "commit": f"{seed % 2:040x}",
        "epochs": 60,
        "seconds": 1234.5,
    }


def peak() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def aggregate(count: int) -> dict:
    """Measure seconds and memory of reading this number of run folders, and of the table over seeds."""
    from fercli.runs.collect import collect, over_seeds

    with tempfile.TemporaryDirectory() as folder:
        write_runs(Path(folder), count)
        before, start = peak(), time.perf_counter()
        found = collect(folder)
        middle = time.perf_counter()
        table = over_seeds(found.runs)
        end = time.perf_counter()
    return {
        "count": count,
        "read": middle - start,
        "grouped": end - middle,
        "memory": peak() - before,
        "rows": len(found.runs),
        "experiments": table["run_id"].nunique(),
        "left_out": len(found.left_out),
    }


def planned(count: int) -> dict:
    """Measure the seconds of planning a study with this number of cells."""
    from fercli.studies.grid import Request, plan
    from fercli.studies.study import study_from

    content = {"title": "t", "source": "s", "table": "t", "data": "rafdb", "metrics": ["accuracy"]}
    content |= {"base": ["experiment=dda_dacl/rafdb"], "seeds": list(range(count // NUM_ROWS))}
    content["rows"] = [
        {"label": f"gamma {i}", "overrides": ["method=dda", f"loss.dda.weight={i}"]} for i in range(1, NUM_ROWS + 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "stores" / "rafdb"
        store.mkdir(parents=True)
        (store / "dataset.json").write_text(json.dumps({"schema": 1, "name": "rafdb", "fingerprint": "f"}))
        study = study_from("scale", content)
        start, start_work = time.perf_counter(), time.process_time()
        found = plan(study, Request(runs=Path(folder) / "runs", stores=Path(folder) / "stores"))
        middle, work = time.perf_counter(), time.process_time() - start_work
        missing = len(found.missing)
        took = {"plan": middle - start, "work": work, "look": time.perf_counter() - middle}
    return {"cells": len(found.cells), "missing": missing} | took


def in_new_process(*arguments: str) -> dict:
    """Run this file in a new process, and return what it prints."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure each size, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--cells", type=int, default=10000)
    parser.add_argument("--one", choices=("aggregate", "plan"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one == "aggregate":
        print(json.dumps(aggregate(int(options.sizes))))
        return
    if options.one == "plan":
        print(json.dumps(planned(options.cells)))
        return
    print("| run folders | read | grouped over seeds | memory | rows | experiments | left out |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in options.sizes.split(","):
        found = in_new_process("--one", "aggregate", "--sizes", size)
        print(
            f"| {found['count']:,} | {found['read']:.2f} s | {found['grouped']:.2f} s | {found['memory']:.0f} MB "
            f"| {found['rows']:,} | {found['experiments']:,} | {found['left_out']:,} |"
        )
    found = in_new_process("--one", "plan", "--cells", str(options.cells))
    took = f"{found['plan']:.2f} s ({found['work']:.2f} s of CPU time)"
    print(f"\nPlanning {found['cells']:,} cells ({NUM_ROWS} rows): {took}; which are missing: {found['look']:.2f} s.")


if __name__ == "__main__":
    main()
