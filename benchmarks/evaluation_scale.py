"""Time and memory of an evaluation as the number of evaluated rows grows: metrics, intervals, files, tests, figures.

    python -m benchmarks.evaluation_scale [--sizes 4000,40000] [--resamples 1000] [--dim 512] [--figures]

Predictions are drawn: 7 classes, valence and arousal, a feature for each row. The network is not run, so that only
what follows the predictions is measured. Images that figures show come from a small store of drawn faces. Each size
has a new process, because memory is the peak of the process; the memory before the measurement is subtracted.
`growth` is the CPU time of a row divided by that of a row of the size before, for the part in which it is largest: at
most 1 is linear.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from benchmarks import measure
from fercli.engine.evaluation import EvaluatedRun
from fercli.engine.predictions import Evaluation

NUM_FACES = 20
METRICS = "metrics=[expression,affect]"
PARTS = ("metrics", "intervals", "merged by video", "files", "read back", "test of two rows", "figures")


def drawn(num_rows: int, num_classes: int, dim: int, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Draw the columns of a prediction table; ids repeat those of the store."""
    random = np.random.default_rng(0)
    expression = random.integers(num_classes, size=num_rows)
    scores = random.normal(size=(num_rows, num_classes))
    scores[np.arange(num_rows), expression] += 2
    probabilities = np.exp(scores)
    affect = random.uniform(-1, 1, (num_rows, 2))
    said = (affect + random.normal(scale=0.3, size=affect.shape)).clip(-1, 1)
    video = expression + num_classes * random.integers(max(1, num_rows // 100), size=num_rows)  # of about 14 rows
    return {
        "id": np.resize(ids, num_rows),
        "video": np.array([f"video {number}" for number in video], dtype=object),
        "expression": expression,
        "valence": affect[:, 0],
        "arousal": affect[:, 1],
        "probabilities": probabilities / probabilities.sum(axis=1, keepdims=True),
        "predicted_valence": said[:, 0],
        "predicted_arousal": said[:, 1],
        "feature": random.normal(size=(num_rows, dim)).astype(np.float32),
    }


def network(folder: Path) -> EvaluatedRun:
    """Prepare a store of drawn faces, and build an untrained network for it."""
    from fercli.config import compose
    from fercli.datasets.readers.synthetic import Synthetic
    from fercli.datasets.source import Source
    from fercli.datasets.store import Store
    from fercli.engine.build import build_data, build_method
    from fercli.preprocess.crop import Crop
    from fercli.preprocess.face import Given
    from fercli.preprocess.job import Job
    from fercli.preprocess.pipeline import preprocess
    from fercli.preprocess.work import Work
    from fercli.runs.folder import RunFolder

    reader = Synthetic(num_faces=NUM_FACES, num_classes=7, num_subjects=10, balance="balanced", size=48)
    reader.prepare(folder / "raw")
    preprocess(Job("synthetic", reader, Work(Source(folder / "raw"), Given(), Crop(size=32))), folder / "store")
    options = ["data=synthetic", f"store={folder / 'store'}", METRICS, "trainer.accelerator=cpu", "augment.size=32"]
    cfg = compose("train", options)
    data = build_data(cfg, Store(folder / "store"))
    method, _ = build_method(cfg, data)
    nothing = Evaluation({}, {}, data.store.classes, data.split.evaluation_name)
    return EvaluatedRun(RunFolder(folder / "run"), folder, method.eval(), data, nothing, {"method": "drawn"}, None)


def evaluated(
    folder: str, num_rows: int, num_resamples: int, dim: int, wanted: Sequence[str]
) -> tuple[dict[str, float], float]:
    """Measure each part of an evaluation of this many rows: CPU seconds by part, and MiB of all of them."""
    from fercli.engine.embeddings import write_embeddings
    from fercli.figures.figure import figure_bytes
    from fercli.figures.run import figures_of_run
    from fercli.metrics.bootstrap import bootstrap_intervals
    from fercli.runs.predictions import columns_of, write_predictions
    from fercli.studies.paired_samples import mcnemar

    empty = network(Path(folder))
    ids = empty.data.store.column("id")[empty.data.split.evaluation]
    metrics = empty.method.metrics
    before = measure.peak_memory()
    columns = drawn(num_rows, len(empty.data.store.classes), dim, ids)
    run = replace(empty, evaluation=replace(empty.evaluation, columns=columns))
    by_video = replace(metrics["accuracy"], reads=("predicted_valence",), function=np.std, per="video", is_share=False)

    def write() -> None:
        write_predictions(run.run, columns, run.evaluation.classes, "test")
        write_embeddings(run.evaluation, run.run.embeddings)

    def draw() -> None:
        for _, found in figures_of_run(run):
            figure_bytes(found.figure, "png")

    def test() -> None:
        right = pd.Series(metrics["accuracy"].right(columns))
        pairs = [(right, right.sample(frac=1, random_state=seed, ignore_index=True)) for seed in range(5)]
        mcnemar(pairs, metrics["accuracy"].units(columns))

    run.run.path.mkdir(exist_ok=True)
    parts: tuple[Callable[[], object], ...] = (
        lambda: {name: metric(columns) for name, metric in metrics.items()},
        lambda: bootstrap_intervals(metrics, columns, num_resamples),
        lambda: by_video(columns),
        write,
        lambda: columns_of(pd.read_parquet(run.run.predictions)),
        test,
        draw,
    )
    took = {name: measure.once(part)[1].cpu for name, part in zip(PARTS, parts, strict=True) if name in wanted}
    return took, measure.peak_memory() - before


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size, and print the table."""
    parser = measure.parser_of(__spec__.name, __doc__, 1, "processes that evaluate each size")
    parser.add_argument("--sizes", type=measure.numbers, default="4000,40000", help="numbers of evaluated rows")
    parser.add_argument("--resamples", type=measure.positive, default=1000, help="of the bootstrap")
    parser.add_argument("--dim", type=measure.positive, default=512, help="width of the feature")
    parser.add_argument("--parts", type=measure.names, default=PARTS, help=f"of {', '.join(PARTS)}")
    options = parser.parse_args(arguments)
    with measure.report(options) as report:
        table = report.table(
            "CPU seconds and memory of an evaluation",
            {"rows": ",", **dict.fromkeys(options.parts, ".2f"), "MiB": ",.0f", "growth": ".2f", "of": ""},
        )
        seconds: dict[str, float] = {}
        for count in options.sizes:
            with tempfile.TemporaryDirectory() as folder:
                given = (folder, count, options.resamples, options.dim, options.parts)
                found = [measure.apart(evaluated, *given) for _ in range(options.repeats)]
            took = {name: median(times[name] for times, _ in found) for name in options.parts}
            each = {name: time / count for name, time in took.items()}
            growth = {name: each[name] / seconds[name] for name in seconds}
            most = max(growth, key=growth.__getitem__, default="")
            table.add(count, *took.values(), median(mib for _, mib in found), growth.get(most), most)
            seconds = each


if __name__ == "__main__":
    main()
