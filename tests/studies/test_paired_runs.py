import numpy as np
import pytest
from scipy.stats import binomtest

from fercli.config import compose, instantiate
from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import write_predictions
from fercli.studies.paired_runs import paired_tests


@pytest.fixture(scope="module")
def metrics():
    return {name: instantiate(node) for name, node in compose("train", []).metrics.items()}


def write(folder, right, ids, labels, classes=("a", "b"), subject=None):
    folder.mkdir(parents=True)
    run = RunFolder(folder)
    label = np.array([classes.index(name) for name in labels])
    chosen = np.where(right, label, 1 - label)
    columns = {"id": np.array(ids, dtype=object), "expression": label, "probabilities": np.eye(2)[chosen] * 0.6 + 0.2}
    columns |= {} if subject is None else {"subject": np.array(subject, dtype=object)}
    write_predictions(run, columns, classes, "test")
    run.finish({})
    return run


def test_the_common_samples_are_tested_by_mcnemar_whatever_the_order_of_classes(tmp_path, metrics):
    rng = np.random.default_rng(0)
    ids, labels = [f"{i:03d}" for i in range(120)], rng.choice(["a", "b"], 120)
    good, bad = rng.random(120) < 0.9, rng.random(120) < 0.6
    one = write(tmp_path / "one", good, ids, labels)
    other = write(tmp_path / "other", bad[20:], ids[20:], labels[20:], ("b", "a"))
    found = {test.metric: test for test in paired_tests(one, other, metrics)}
    accuracy = found["accuracy"]
    only_one, only_other = (good & ~bad)[20:].sum(), (bad & ~good)[20:].sum()
    assert accuracy.p == pytest.approx(binomtest(int(only_one), int(only_one + only_other)).pvalue, rel=1e-9)
    assert (accuracy.first, accuracy.second) == pytest.approx((good[20:].mean(), bad[20:].mean()))
    assert (accuracy.num_samples, accuracy.test, found["mcc"].test) == (100, "McNemar", "bootstrap")
    assert accuracy.low < accuracy.first - accuracy.second < accuracy.high


def test_people_are_drawn_and_flipped_as_a_whole_also_where_one_run_does_not_name_them(tmp_path, metrics):
    rng = np.random.default_rng(0)
    ids, labels = [f"{i:03d}" for i in range(120)], rng.choice(["a", "b"], 120)
    person = np.repeat(np.arange(12), 10)
    good, bad = (rng.random(12) < 0.9)[person], (rng.random(12) < 0.5)[person]  # all images of a person or none
    one = write(tmp_path / "one", good, ids, labels, subject=[f"p{i}" for i in person])
    other = write(tmp_path / "other", bad, ids, labels)
    accuracy = {test.metric: test for test in paired_tests(one, other, metrics)}["accuracy"]
    better, worse = (good & ~bad)[::10].sum(), (bad & ~good)[::10].sum()
    assert accuracy.p == pytest.approx(binomtest(int(better), int(better + worse)).pvalue, rel=1e-9)
    assert (accuracy.num_samples, accuracy.units) == (120, {"subject": 12})
    of_people = (good.astype(float) - bad)[::10]
    half = 2.200985160082949 * of_people.std(ddof=1) / np.sqrt(12)  # t of 0.975 with 11 degrees
    assert (accuracy.high - accuracy.low) / 2 == pytest.approx(half, rel=0.1)  # of 1,000 resamples
    (alone,) = [test for test in paired_tests(other, other, metrics) if test.metric == "accuracy"]
    assert alone.units == {"row": 120}


def test_other_labels_and_no_common_sample_are_refused(tmp_path, metrics):
    right = np.ones(3, bool)
    one = write(tmp_path / "one", right, "xyz", "aba")
    with pytest.raises(RunError, match="other labels"):
        paired_tests(one, write(tmp_path / "two", right, "xyz", "abb"), metrics)
    with pytest.raises(RunError, match="no sample in common"):
        paired_tests(one, write(tmp_path / "three", right, "uvw", "aba"), metrics)
