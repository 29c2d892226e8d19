import numpy as np

from fercli.engine.without_twins import without_twins
from fercli.metrics.bootstrap import bootstrap_intervals


def test_metrics_without_twins_are_those_of_the_other_rows(make_metric):
    rng = np.random.default_rng(0)
    columns = {"age": rng.normal(size=30), "has_twin": np.arange(30) < 10}
    metrics = {"mean": make_metric(lambda age: float(age.mean()), ["age"])}
    found = without_twins(metrics, columns, ("equal pixels",))
    rest = {name: column[10:] for name, column in columns.items()}
    interval = bootstrap_intervals(metrics, rest)["mean"].document()
    assert found["metrics"] == {"mean": {"value": float(rest["age"].mean())} | interval}
    assert (found["num_twins"], found["num_rows"], found["checked"]) == (10, 20, ["equal pixels"])
    none = without_twins(metrics, columns | {"has_twin": np.zeros(30, bool)}, ("equal pixels",))
    assert none["metrics"] == {}
    assert none["num_rows"] == 30
