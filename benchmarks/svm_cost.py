"""Cost of fitting a classifier to the features of a run, and agreement of the approximate with the exact SVM.

    python -m benchmarks.svm_cost --rows 2000,8000 --repeats 3
    python -m benchmarks.svm_cost --rows 255000 --classifiers svm,linear_svm

The features are random: 7 classes with the frequencies of AffectNet, two clusters each in 16 dimensions, mixed into
`--width` numbers of variance 1 with noise. The distance of the clusters is chosen so that a good SVM has about the
error of the networks of Antoniadis 2021.

Each fit has its own process. Its memory is the peak of the process, including the features. Accuracy, in percent, is
measured on 3,500 rows with equal classes. `agreement` is the share of these rows to which the exact SVM gives the same
class. Times are medians over the draws of the features; the other numbers are means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np

from benchmarks import measure
from fercli.batch import Labels
from fercli.engine.classifier import Classifier
from fercli.engine.fitting import fit
from fercli.fields import NUMBERS, joined

FREQUENCIES = np.array([74874, 134415, 25459, 14090, 6378, 3803, 24882]) / 283901
NUM_TEST = 3500
CLUSTERS, DIMENSIONS, SPREAD, NOISE = 2, 16, 1.35, 0.5
EXACT = ("svm", ("max_exact_rows=1000000000",))


def draw(number: int, seed: int, width: int, balanced: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(number, width) float32 features and (number,) classes."""
    world, rng = np.random.default_rng(0), np.random.default_rng([1, seed])
    centers = world.normal(size=(7, CLUSTERS, DIMENSIONS))
    mixing = world.normal(size=(DIMENSIONS, width)).astype(np.float32) / np.sqrt(DIMENSIONS)
    targets = rng.choice(7, number, p=None if balanced else FREQUENCIES)
    points = centers[targets, rng.integers(CLUSTERS, size=number)] + SPREAD * rng.normal(size=(number, DIMENSIONS))
    features = points.astype(np.float32) @ mixing
    features += NOISE * rng.standard_normal(features.shape, dtype=np.float32)
    features /= np.sqrt(1 + SPREAD**2 + NOISE**2)
    return features, targets


@dataclass(frozen=True)
class Fit:
    """One fit: its form, what it took, GiB at the peak, accuracy in percent, and predicted classes of the test rows."""

    form: str
    took: measure.Took
    memory: float
    accuracy: float
    answers: np.ndarray


def measured(name: str, options: tuple[str, ...], number: int, width: int, seed: int) -> Fit:
    """Measure one fit."""
    features, targets = draw(number, seed, width)
    unknown, whole = np.full(number, np.nan), np.full(number, -1)
    labels = Labels(targets, whole, whole, **joined(dict.fromkeys(NUMBERS, unknown)))
    fitted, took = measure.once(lambda: fit(Classifier.named(name, options), features, labels))
    memory = measure.peak_memory() / 1024
    test, true = draw(NUM_TEST, 10_000 + seed, width, balanced=True)
    answers = fitted.model.predict(test)
    return Fit(getattr(fitted.model, "form_", "linear"), took, memory, percent(answers == true), answers)


def percent(right: np.ndarray) -> float:
    """Share of true values, in percent."""
    return 100 * float(right.mean())


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit every classifier to every number of rows, and print the cost."""
    parser = measure.parser_of(__spec__.name, __doc__, 1, "draws of the features")
    parser.add_argument("--rows", type=measure.numbers, default="2000,8000")
    parser.add_argument("--width", type=measure.positive, default=1024, help="numbers of a feature")
    parser.add_argument(
        "--classifiers",
        type=measure.names,
        default="exact,svm,linear_svm",
        help="names of files in conf/classifier; exact: svm without its approximation",
    )
    parser.add_argument(
        "--landmarks", type=measure.positive, default=1000, help="of svm, approximated here at any size"
    )
    given = parser.parse_args(arguments)
    forms = {"exact": EXACT, "svm": ("svm", ("max_exact_rows=1", f"num_landmarks={given.landmarks}"))}
    columns = {"rows": ",", "classifier": "", "form": "", "CPU s": ",.1f", "wall s": ",.1f", "memory GiB": ".1f"}
    columns |= {"accuracy": ".2f", "agreement": ".1f"}
    with measure.report(given) as report:
        table = report.table(f"Features of {given.width:,} numbers", columns)
        for number in given.rows:
            exact: list[np.ndarray] = []
            for name in given.classifiers:
                chosen = forms.get(name, (name, ()))
                fits = [measure.apart(measured, *chosen, number, given.width, seed) for seed in range(given.repeats)]
                exact = [one.answers for one in fits] if name == "exact" else exact
                agreement = [percent(one.answers == answers) for one, answers in zip(fits, exact, strict=False)]
                took = measure.middle([one.took for one in fits])
                memory, accuracy = mean(one.memory for one in fits), mean(one.accuracy for one in fits)
                agreed = mean(agreement) if agreement else None
                table.add(number, name, fits[0].form, took.cpu, took.wall, memory, accuracy, agreed)


if __name__ == "__main__":
    main()
