"""How often 95 % intervals hold the true value where images of one person are alike, and how often tests are wrong.

    python -m benchmarks.interval_coverage --repeats 2000

Test sets of a number of people are drawn, with 1 to 30 images each (even), or with a few people who have most images
(uneven). Of the variance of the score that decides whether an image is right, or by how much it is off, a share of 0.3
is of the person. An interval draws people with all their images, or images alone. The ends are those of `quantiles`; on
rows of a small test set, a test compares the resamples here with those of `bootstrap_intervals`.

Tests compare two networks that are equally good, over people or over images; and two learners that are equally good,
over the folds of a cross-validation, with the corrected resampled t test and with the usual one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks import measure
from fercli.metrics.resamples import quantiles
from fercli.metrics.shares import share_over_units
from fercli.metrics.units import Units
from fercli.studies.paired_samples import mcnemar, over_samples
from fercli.studies.resampled_t import corrected_t_test

ALIKE = 0.3  # share of the variance between people
RECALL = np.array([0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4])  # of each class
FREQUENCY = np.array([0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05])
METRICS = ("accuracy", "macro recall", "CCC", "MAE")
RECALLS = (0.95, 0.8, 0.4)  # of one class
RESAMPLES = 1000
SAME_SIZES = 50  # test sets with the same numbers of images, which share their draws
POPULATION = 200_000  # people, who stand for all
FOLDS = {"5_folds": (5, 1), "10_folds": (10, 1), "10_times_10_folds": (10, 10)}
NUM_FEATURES = 5  # of each learner


def sizes_of(num_people: int, even: bool, generator: np.random.Generator) -> np.ndarray:
    """(num_people,) number of images of each person."""
    if even:
        return generator.integers(1, 31, num_people)
    return np.clip(np.ceil(np.exp(generator.normal(1.5, 1.3, num_people))), 1, 400).astype(int)


def scores(person: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(n,) standard normal score of each image; two images of one person have a correlation of ALIKE."""
    shared = generator.standard_normal(person[-1] + 1)[person]
    return np.sqrt(ALIKE) * shared + np.sqrt(1 - ALIKE) * generator.standard_normal(len(person))


def columns(person: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(n, 22) numbers of each image whose sums give every metric: counts by class, moments, absolute error."""
    label = generator.choice(len(RECALL), len(person), p=FREQUENCY)
    of_class = label[:, None] == np.arange(len(RECALL))
    right = stats.norm.cdf(scores(person, generator)) < RECALL[label]
    true = 0.4 * scores(person, generator)
    said = 0.6 * true + 0.25 * scores(person, generator) + 0.05
    error = np.exp(0.8 * scores(person, generator))  # skewed, like real errors
    ones = np.ones(len(person))
    numbers = np.stack([ones, right, true, said, true**2, said**2, true * said, error], axis=1)
    return np.concatenate([numbers, of_class, of_class & right[:, None]], axis=1)


def metrics_of(sums: np.ndarray) -> np.ndarray:
    """(..., 4) METRICS from sums of `columns`, (..., 22)."""
    means = np.moveaxis(sums[..., :8] / sums[..., :1], -1, 0)
    _, right, true, said, true_true, said_said, product, error = means
    with np.errstate(invalid="ignore"):  # a class without any image
        recall = np.nanmean(sums[..., 15:] / sums[..., 8:15], axis=-1)
    spread = true_true - true**2 + said_said - said**2 + (true - said) ** 2
    return np.stack([right, recall, 2 * (product - true * said) / spread, error], axis=-1)


def truth(seed: int, num_people: int) -> np.ndarray:
    """(4,) METRICS over all people; the number of images of a person does not depend on how good they are."""
    return metrics_of(columns(np.arange(num_people), np.random.default_rng(seed)).sum(axis=0))


def weights_of(num_units: int, generator: np.random.Generator) -> np.ndarray:
    """(RESAMPLES, num_units) how often each unit is drawn."""
    return generator.multinomial(num_units, np.full(num_units, 1 / num_units), RESAMPLES).astype(float)


@dataclass(frozen=True)
class Coverage:
    """(4,) share of intervals that hold the true value, by metric: over people, with the usual tails, over images."""

    people: np.ndarray
    usual: np.ndarray
    images: np.ndarray


def coverage(true: np.ndarray, num_people: int, even: bool, repeats: int, seed: int) -> Coverage:
    """Draw test sets, and count the intervals that hold the true values."""
    generator, held = np.random.default_rng(seed), np.zeros((3, len(METRICS)))
    for start in range(0, repeats, SAME_SIZES):
        sizes = sizes_of(num_people, even, generator)
        person = np.repeat(np.arange(num_people), sizes)
        units, alone = Units(person, {"subject": num_people}), Units.alone(len(person))
        of_people, of_images = (weights_of(count, generator) for count in (num_people, len(person)))
        for _ in range(min(SAME_SIZES, repeats - start)):
            rows = columns(person, generator)
            by_person = np.add.reduceat(rows, np.cumsum(sizes) - sizes)
            drawn = metrics_of(of_people @ by_person)
            single = metrics_of(of_images @ rows)
            ends = (quantiles(drawn, units), np.quantile(drawn, [0.025, 0.975], axis=0), quantiles(single, alone))
            held += [(low <= true) & (true <= high) for low, high in ends]
    return Coverage(*(held / repeats))


def share_coverage(recall: float, num_people: int, even: bool, repeats: int, seed: int) -> np.ndarray:
    """(3,) how often an interval of the share of right images, such as the recall of a class, holds the true one.

    It is Wilson's with the design effect (`share_over_units`), over resamples of people, or Wilson's over images.
    """
    generator, held = np.random.default_rng(seed), np.zeros(3)
    for start in range(0, repeats, SAME_SIZES):
        sizes = sizes_of(num_people, even, generator)
        person = np.repeat(np.arange(num_people), sizes)
        units, alone = Units(person, {"subject": num_people}), Units.alone(len(person))
        weights = weights_of(num_people, generator)
        for _ in range(min(SAME_SIZES, repeats - start)):
            right = stats.norm.cdf(scores(person, generator)) < recall
            drawn = quantiles((weights @ np.bincount(person, right)) / (weights @ sizes), units)
            found = [(one.low, one.high) for one in (share_over_units(right, units), share_over_units(right, alone))]
            held += [low <= recall <= high for low, high in (found[0], tuple(drawn), found[1])]
    return held / repeats


def paired_size(num_people: int, repeats: int, seed: int) -> dict[str, float]:
    """Return how often two equally good networks differ at 0.05, by test and unit."""
    generator, wrong = np.random.default_rng(seed), dict.fromkeys(("McNemar", "t"), np.zeros(2))
    for start in range(0, repeats, SAME_SIZES):
        sizes = sizes_of(num_people, True, generator)
        person = np.repeat(np.arange(num_people), sizes)
        kinds = (Units(person, {"subject": num_people}), Units.alone(len(person)))
        draws = [weights_of(len(units), generator) for units in kinds]
        for _ in range(min(SAME_SIZES, repeats - start)):
            answers = np.stack([stats.norm.cdf(scores(person, generator)) < 0.8 for _ in range(2)]).astype(float)
            errors = np.stack([np.exp(0.8 * scores(person, generator)) for _ in range(2)])
            pair = tuple(pd.Series(one > 0) for one in answers)
            found: dict[str, list[float]] = {"McNemar": [], "t": []}
            for units, weights in zip(kinds, draws, strict=True):
                sums = np.stack([np.bincount(units.number, of) for of in (errors[0] - errors[1], np.ones(len(person)))])
                values = (weights @ sums[0]) / (weights @ sums[1])
                seen = float(sums[0].sum() / len(person))
                found["McNemar"].append(mcnemar([(pair[0], pair[1])], units).p)
                found["t"].append(over_samples(values[:, None], seen, units).p)
            wrong = {test: wrong[test] + (np.array(p) < 0.05) for test, p in found.items()}
    return {f"{test} {kind}": float(count[i] / repeats)
            for test, count in wrong.items() for i, kind in enumerate(("people", "images"))}  # fmt: skip


def fold_size(num_folds: int, num_repetitions: int, num_rows: int, repeats: int, seed: int) -> tuple[float, float]:
    """Return how often two equally good learners differ at 0.05 over folds: by the corrected, and by the usual t test.

    Each learner is a least-squares fit to features of its own; both kinds of features have the same distribution.
    """
    generator, wrong = np.random.default_rng(seed), np.zeros(2)
    for _ in range(repeats):
        label = generator.choice([-1.0, 1.0], num_rows)
        features = generator.standard_normal((2, num_rows, NUM_FEATURES)) + 0.4 * label[:, None]
        differences = []
        for _ in range(num_repetitions):
            for test in np.array_split(generator.permutation(num_rows), num_folds):
                train = np.setdiff1d(np.arange(num_rows), test)
                rights = []
                for one in features:
                    fit, *_ = np.linalg.lstsq(one[train], label[train], rcond=None)
                    rights.append(np.mean(np.sign(one[test] @ fit) == label[test]))
                differences.append(rights[0] - rights[1])
        num_test = num_rows / num_folds
        corrected = corrected_t_test(differences, num_rows - num_test, num_test)
        p = 1.0 if corrected.p is None else corrected.p
        usual = stats.ttest_1samp(differences, 0).pvalue if corrected.sd else 1.0
        wrong += [p < 0.05, usual < 0.05]
    return float(wrong[0] / repeats), float(wrong[1] / repeats)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the coverage of intervals and the sizes of tests."""
    parser = measure.parser_of(__spec__.name, __doc__, 2000, "drawn test sets in each cell")
    parser.add_argument("--people", type=measure.numbers, default="10,20,50,200", help="numbers of people")
    parser.add_argument("--rows", type=measure.positive, default=200, help="rows of a cross-validation")
    parser.add_argument("--folds", type=measure.names, default=[*FOLDS], help=f"of {', '.join(FOLDS)}")
    parser.add_argument("--population", type=measure.positive, default=POPULATION, help="people who stand for all")
    options = parser.parse_args(arguments)
    with measure.report(options) as report:
        true = truth(0, options.population)
        names = {"people": ",", "images": "", "metric": ""}
        ways = {"over people %": ".1f", "usual tails %": ".1f", "over images %": ".1f"}
        table = report.table("Intervals that hold the true value", {**names, **ways, "CPU s": ".1f"})
        for even in (True, False):
            for number in options.people:
                found, took = measure.once(partial(coverage, true, number, even, options.repeats, number))
                for i, metric in enumerate(METRICS):
                    shares = (100 * of[i] for of in (found.people, found.usual, found.images))
                    table.add(number, "even" if even else "uneven", metric, *shares, took.cpu)
        ways = {"Wilson, people %": ".1f", "resampled %": ".1f", "Wilson, images %": ".1f"}
        names = {"people": ",", "images": "", "recall": ".2f"}
        table = report.table("Intervals of recall that hold the true one", {**names, **ways, "CPU s": ".1f"})
        for (even, recall), number in product(product((True, False), RECALLS), options.people):
            rates, took = measure.once(partial(share_coverage, recall, number, even, options.repeats, number))
            table.add(number, "even" if even else "uneven", recall, *(100 * rates), took.cpu)
        table = report.table(
            "Equally good networks that differ at 0.05",
            {"people": ",", "test": "", "over people %": ".1f", "over images %": ".1f", "CPU s": ".1f"},
        )
        for number in options.people:
            sizes, took = measure.once(partial(paired_size, number, options.repeats, number))
            for test in ("McNemar", "t"):
                table.add(number, test, *(100 * sizes[f"{test} {kind}"] for kind in ("people", "images")), took.cpu)
        table = report.table(
            "Equally good learners that differ at 0.05 over folds",
            {"folds": "", "corrected t %": ".1f", "usual t %": ".1f", "CPU s": ".1f"},
        )
        for name in options.folds:
            run: Callable[[], tuple[float, float]] = partial(fold_size, *FOLDS[name], options.rows, options.repeats, 0)
            found_sizes, took = measure.once(run)
            table.add(name, *(100 * rate for rate in found_sizes), took.cpu)


if __name__ == "__main__":
    main()
