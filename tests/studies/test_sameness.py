"""Repeated runs are the same exactly, within samples, within seeds, or not; chance alone rarely says not."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from fercli.config import compose
from fercli.facts import packaged_facts
from fercli.runs.folder import RunFolder
from fercli.studies.sameness import sameness

CLASSES = ["neutral", "happiness"]


@pytest.fixture(scope="module")
def config():
    return compose("train", ["metrics=[expression]"])


@pytest.fixture
def make(tmp_path):
    """A finished run whose predictions are right for these samples."""

    def make(name, seed, right, shift=0.0):
        run = RunFolder(tmp_path / name / "dda_x" / f"seed{seed}")
        run.path.mkdir(parents=True)
        labels = np.arange(len(right)) % 2
        predicted = np.where(right, labels, 1 - labels)
        frame = pd.DataFrame({"id": np.arange(len(right)).astype(str), "split": "test"})
        frame["expression"] = np.array(CLASSES, dtype=object)[labels]
        frame["predicted"] = np.array(CLASSES, dtype=object)[predicted]
        for i, known in enumerate(CLASSES):
            frame[f"prob_{known}"] = np.where(predicted == i, 0.8 - shift, 0.2 + shift)
        frame.to_parquet(run.predictions)
        accuracy = {"value": float(np.mean(right))} | packaged_facts()["accuracy"].document()
        run.finish({"metrics": {"accuracy": accuracy}})
        return run

    return make


def rights(rate, n=400, seed=0):
    return np.random.default_rng(seed).random(n) < rate


def test_equal_predictions_are_identical(make, config):
    found = sameness("x", {0: (make("a", 0, rights(0.7)), make("b", 0, rights(0.7)))}, config, set())
    assert found.verdict == "identical"
    assert (found.predictions[0].differ, found.predictions[0].largest) == (0, 0.0)
    assert found.metrics[0].p == 1.0


def test_another_last_digit_is_the_same_and_not_identical(make, config):
    found = sameness("x", {0: (make("a", 0, rights(0.7)), make("b", 0, rights(0.7), 1e-7))}, config, set())
    assert found.verdict == "same"
    assert found.predictions[0].differ == 0
    assert found.predictions[0].largest == pytest.approx(1e-7)


def test_one_seed_is_compared_over_samples(make, config):
    before, after = rights(0.7), rights(0.7, seed=3)
    found = sameness("x", {0: (make("a", 0, before), make("b", 0, after))}, config, set())
    (metric,) = found.metrics
    assert (found.verdict, metric.over) == ("same", "400 samples")
    difference = after.mean() - before.mean()
    spread = np.std(after.astype(float) - before, ddof=1) / np.sqrt(len(before))
    assert metric.low == pytest.approx(difference - 1.96 * spread, abs=0.015)
    assert metric.high == pytest.approx(difference + 1.96 * spread, abs=0.015)
    worse = sameness("x", {1: (make("a", 1, before), make("b", 1, before & rights(0.7, seed=2)))}, config, set())
    assert worse.verdict == "not the same"


def test_several_seeds_are_compared_over_seeds_and_samples(make, config):
    pairs = {s: (make("a", s, rights(0.7, seed=s)), make("b", s, rights(0.7, seed=9 + s))) for s in range(4)}
    found = sameness("x", pairs, config, set())
    assert (found.verdict, found.metrics[0].over) == ("same", "seeds, 400 samples")
    assert found.metrics[0].before == pytest.approx(np.mean([rights(0.7, seed=s).mean() for s in range(4)]))
    low = {s: (pairs[s][0], make("c", s, rights(0.4, seed=20 + s))) for s in range(4)}
    assert sameness("x", low, config, set()).verdict == "not the same"


def test_chance_alone_says_not_the_same_in_one_of_twenty(make, config):
    answers = []
    for number in range(60):
        one, other = (make(f"{side}{number}", number, rights(0.7, 200, 2 * number + i)) for i, side in enumerate("ab"))
        answers.append(sameness("x", {number: (one, other)}, config, set()).verdict)
    assert answers.count("not the same") <= 8  # 3 expected; more has a probability below 1 %


def test_other_samples_are_not_the_same(make, config):
    found = sameness("x", {0: (make("a", 0, rights(0.7)), make("b", 0, rights(0.7, 300)))}, config, set())
    assert (found.verdict, found.metrics) == ("not the same", [])


def test_metrics_of_time_are_left_out(make, config):
    pair = (make("a", 0, rights(0.7)), make("b", 0, rights(0.1)))
    assert sameness("x", {0: pair}, config, {"accuracy"}).metrics == []


def with_ece(run, value):
    """Replace the numbers of a run by a calibration error, which has no interval over samples."""
    run.finish({"metrics": {"ece": {"value": value} | packaged_facts()["ece"].document()}})
    return run


def test_a_metric_without_an_interval_is_compared_over_seeds(make, config):
    before, after = (0.10, 0.12, 0.11, 0.14), (0.11, 0.11, 0.12, 0.13)
    pairs = {}
    for seed in range(4):
        runs = (make("a", seed, rights(0.7)), make("b", seed, rights(0.7), 0.01))
        pairs[seed] = tuple(map(with_ece, runs, (before[seed], after[seed])))
    found = sameness("x", pairs, config, set())
    (metric,) = found.metrics
    assert (found.verdict, metric.over) == ("same", "seeds")
    assert metric.p == pytest.approx(ttest_rel(after, before).pvalue)
    for seed in pairs:
        with_ece(pairs[seed][1], before[seed] + 0.05 + 0.001 * seed)
    assert sameness("x", pairs, config, set()).verdict == "not the same"
    few = {seed: pairs[seed] for seed in (0, 1)}
    assert sameness("x", few, config, set()).verdict == "undecided"
