import math
import time

import numpy as np
import pytest
from scipy import stats

from fercli.config import compose, instantiate
from fercli.errors import ConfigError
from fercli.metrics.affect import ccc, mae
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.classification import ece
from fercli.metrics.resamples import quantiles
from fercli.metrics.units import units_of

READS = ["expression", "probabilities"]
METRICS = {
    name: instantiate(compose("train").metrics[name]) for name in ("accuracy", "mean_class_accuracy", "macro_f1", "mcc")
}
ACCURACY = METRICS["accuracy"]


def draw(num_rows, num_classes=8, seed=0):
    rng = np.random.default_rng(seed)
    expression = rng.integers(num_classes, size=num_rows)
    scores = rng.normal(size=(num_rows, num_classes))
    scores[np.arange(num_rows), expression] += 2
    probabilities = np.exp(scores)
    return {"expression": expression, "probabilities": probabilities / probabilities.sum(axis=1, keepdims=True)}


def test_accuracy_has_the_interval_of_its_binomial():
    columns = draw(2000)
    value = ACCURACY(columns)
    found = bootstrap_intervals({"accuracy": ACCURACY}, columns, num_resamples=4000)["accuracy"]
    expected = stats.binom(2000, value).ppf([0.025, 0.975]) / 2000
    # Ends of 4,000 resamples are themselves uncertain by about 0.04 standard errors of 0.01.
    np.testing.assert_allclose([found.low, found.high], expected, atol=0.002)
    assert found.units == {"row": 2000}


def test_the_value_lies_inside_and_a_higher_level_is_wider():
    columns = draw(300)
    narrow = bootstrap_intervals(METRICS, columns, num_resamples=200, level=0.5)
    wide = bootstrap_intervals(METRICS, columns, num_resamples=200)
    for name, metric in METRICS.items():
        assert wide[name].low < narrow[name].low < metric(columns) < narrow[name].high < wide[name].high


def test_a_calibration_error_has_none_because_it_would_miss_it(make_metric):
    columns = {"expression": np.arange(300) % 4 // 3, "probabilities": np.tile([0.75, 0.25], (300, 1))}
    found = bootstrap_intervals({"ece": make_metric(ece, READS)}, columns, num_resamples=200, level=0.8)["ece"]
    assert found.low > 0 == ece(*columns.values())
    configured = instantiate(compose("train").metrics.ece)
    assert configured(columns) == 0
    assert set(bootstrap_intervals({"ece": configured, "accuracy": ACCURACY}, columns)) == {"accuracy"}


def test_all_metrics_share_their_resamples_whatever_the_seed():
    columns = draw(100)
    both = bootstrap_intervals({"a": ACCURACY, "b": ACCURACY}, columns, num_resamples=50)
    assert both["a"] == both["b"]
    assert both == bootstrap_intervals({"a": ACCURACY, "b": ACCURACY}, columns, num_resamples=50)
    assert both != bootstrap_intervals({"a": ACCURACY, "b": ACCURACY}, columns, num_resamples=50, seed=1)


def test_unlabelled_rows_change_nothing():
    columns = draw(50)
    expected = bootstrap_intervals(METRICS, columns, num_resamples=20)
    y, p = columns.values()
    more = {"expression": np.append(y, -1), "probabilities": np.concatenate([p, p[:1]])}
    assert bootstrap_intervals(METRICS, more, num_resamples=20) == expected
    nothing = bootstrap_intervals(METRICS, {"expression": np.array([-1]), "probabilities": p[:1]})["accuracy"]
    assert math.isnan(nothing.low)
    assert nothing.document() == {"units": {}}


def test_metrics_of_different_columns_each_use_their_own_rows(make_metric):
    columns = draw(50) | {"predicted_valence": np.arange(50.0)}
    columns["valence"] = np.append(np.full(40, np.nan), np.arange(10.0))
    both = METRICS | {"mae": make_metric(mae, ["valence", "predicted_valence"])}
    found = bootstrap_intervals(both, columns, num_resamples=20)
    assert list(found) == list(both)
    assert (found["mae"].low, found["mae"].high) == (40, 40)  # 40 to 49 stand where 0 to 9 are true
    assert {name: found[name] for name in METRICS} == bootstrap_intervals(METRICS, columns, num_resamples=20)


def test_a_perfect_classifier_leaves_no_doubt():
    y = np.arange(20) % 4
    columns = {"expression": y, "probabilities": np.eye(4)[y]}
    found = bootstrap_intervals({"accuracy": ACCURACY}, columns, num_resamples=20)["accuracy"]
    assert found.document() == {"low": 1, "high": 1, "units": {"row": 20}}


def of_people(num_people=30, seed=0):
    """Rows of people of very different numbers of images, some without a name; and which person each is of."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(num_people), rng.integers(1, 20, num_people))
    person = rng.permutation(person)
    columns = draw(len(person), seed=seed)
    good = rng.random(num_people) < 0.6
    columns["probabilities"][~good[person]] = columns["probabilities"][~good[person]][:, ::-1]
    columns["valence"] = rng.normal(size=num_people)[person] + rng.normal(size=len(person))
    columns["predicted_valence"] = 0.5 * columns["valence"] + rng.normal(size=num_people)[person]
    names = np.array([f"p{number}" for number in person], dtype=object)
    names[person < 3] = None
    return columns | {"subject": names}


def resampled_by_loops(columns, function, num_resamples, seed=0):
    """The values on resamples of whole people; a row without a name is a person of its own."""
    units: dict = {}
    for row, name in enumerate(columns["subject"]):
        units.setdefault(f"row {row}" if name is None else name, []).append(row)
    members, generator, values = list(units.values()), np.random.default_rng(seed), []
    for _ in range(num_resamples):
        drawn = generator.integers(len(members), size=len(members))
        rows = [row for unit in drawn for row in members[unit]]
        values.append(function({name: column[rows] for name, column in columns.items()}))
    return np.array(values), members


def concordance(columns):
    x, y = columns["valence"], columns["predicted_valence"]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    products = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    squares = sum((x - mean_x) ** 2) + sum((y - mean_y) ** 2)
    return 2 * products / (squares + len(x) * (mean_x - mean_y) ** 2)


def right(columns):
    rows = zip(columns["expression"], columns["probabilities"], strict=True)
    return float(np.mean([scores.argmax() == label for label, scores in rows]))


def recall(columns):
    chosen, true = columns["probabilities"].argmax(1), columns["expression"]
    return float(np.mean([(chosen[true == k] == k).mean() for k in range(8) if (true == k).any()]))


def absolute(columns):
    return float(np.mean([abs(a - b) for a, b in zip(columns["valence"], columns["predicted_valence"], strict=True)]))


def test_whole_people_are_drawn_with_all_their_rows_for_every_kind_of_metric(make_metric):
    columns, reads = of_people(), ["valence", "predicted_valence"]
    metrics = {
        "accuracy": (ACCURACY, right),
        "recall": (METRICS["mean_class_accuracy"], recall),
        "ccc": (make_metric(ccc, reads), concordance),
        "mae": (make_metric(lambda valence, predicted: float(np.abs(valence - predicted).mean()), reads), absolute),
    }
    found = bootstrap_intervals({name: metric for name, (metric, _) in metrics.items()}, columns, num_resamples=60)
    for name, (_, function) in metrics.items():
        values, members = resampled_by_loops(columns, function, 60)
        sizes = [len(rows) for rows in members]
        n = sum(sizes) ** 2 / sum(size**2 for size in sizes)
        tail = stats.norm.cdf(-stats.t.ppf(0.975, n - 1) * math.sqrt(n / (n - 1)))
        expected = np.quantile(values, [tail, 1 - tail])
        # Of 2 n in the denominator, the CCC of fercli adds 1e-8.
        np.testing.assert_allclose([found[name].low, found[name].high], expected, rtol=1e-7 if name == "ccc" else 1e-9)
        alone = sum(name is None for name in columns["subject"])
        assert found[name].units == {"subject": 27, "row": alone}


def test_the_spread_over_people_is_that_of_a_ratio_of_sums():
    """The linearized variance of a share over groups, Cochran 1977, section 11.7 (with all of 200 people)."""
    columns = of_people(200) | {"subject": of_people(200)["subject"].astype(str)}
    names, number = np.unique(columns["subject"], return_inverse=True)
    hits = np.bincount(number, columns["probabilities"].argmax(1) == columns["expression"])
    sizes = np.bincount(number)
    share = hits.sum() / sizes.sum()
    error = math.sqrt(((hits - share * sizes) ** 2).sum() * len(names) / (len(names) - 1)) / sizes.sum()
    found = bootstrap_intervals({"accuracy": ACCURACY}, columns, num_resamples=4000)["accuracy"]
    half = stats.t.ppf(0.975, sizes.sum() ** 2 / (sizes**2).sum() - 1) * error
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.06)  # 4,000 resamples, and the ratio is not linear


def test_people_with_one_row_each_change_no_draw():
    columns = draw(100)
    named = columns | {"subject": np.array([f"p{i}" for i in range(100)], dtype=object)}
    alone, people = (bootstrap_intervals(METRICS, one, num_resamples=50) for one in (columns, named))
    assert [(one.low, one.high) for one in alone.values()] == [(one.low, one.high) for one in people.values()]
    assert people["accuracy"].units == {"subject": 100}


def test_one_person_says_nothing_about_others():
    found = bootstrap_intervals(METRICS, draw(30) | {"subject": np.array(["ann"] * 30, dtype=object)})
    assert found["mcc"].document() == {"units": {"subject": 1}}


def test_four_metrics_of_a_test_split_take_seconds():
    columns = draw(4000)
    start = time.process_time()
    bootstrap_intervals(METRICS, columns)
    assert time.process_time() - start < 3


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_in_percent_is_refused(level):
    with pytest.raises(ConfigError, match=f"between 0 and 1, found {level}"):
        bootstrap_intervals(METRICS, draw(5), level=level)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_ends_of_a_value_that_no_resample_has_are_unknown_and_nothing_is_said(shape):
    drawn = np.random.default_rng(0).normal(size=(200, *shape))
    drawn[:10] = np.nan
    units = units_of({"id": np.arange(40)}, np.arange(40))
    ends = quantiles(drawn, units)
    assert ends.shape == (2, *shape)
    assert (ends[0] < ends[1]).all()
    drawn[(..., -1) if shape else ...] = np.nan
    lacks = np.isnan(drawn).all(axis=0)
    assert lacks.any()
    np.testing.assert_array_equal(np.isnan(quantiles(drawn, units)), np.stack([lacks, lacks]))
