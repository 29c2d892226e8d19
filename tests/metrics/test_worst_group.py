import numpy as np
import pytest

from fercli.config import compose, instantiate
from fercli.errors import RunError
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.scales import BDI_II
from tests.metrics.test_groups import columns_of

CLASSES = ("fear", "anger")


def built(*overrides):
    """The metrics of the file `worst_group`, by name."""
    nodes = compose("train", ["metrics=[expression,worst_group]", *overrides]).metrics
    return {name: instantiate(nodes[name]).for_data(CLASSES, BDI_II) for name in nodes if name.startswith("worst")}


def test_it_is_the_number_of_the_worst_group_that_is_large_enough():
    columns = columns_of(num_units=33)
    columns["by gender"][-8:] = "unsure"  # two subjects, eight rows
    columns["probabilities"][-8:] = np.eye(2)[1 - columns["expression"][-8:]]  # all wrong
    right = columns["probabilities"].argmax(1) == columns["expression"]
    expected = min(right[columns["by gender"] == name].mean() for name in ("female", "male"))
    assert built()["worst_group_accuracy"](columns) == pytest.approx(expected, rel=1e-12)


def test_groups_of_several_columns_compete_and_lower_errors_are_better():
    columns = columns_of(num_units=60)
    columns["by site"] = np.where(np.arange(240) < 120, "Bonn", "Oslo").astype(object)
    columns["predicted_score"][:120] += 5
    metric = built("metrics.worst_group_accuracy.by=[gender,site]")["worst_group_mae"]
    recordings = [columns["video"] == f"v{number}" for number in range(30)]  # those of Bonn
    errors = [abs(columns["predicted_score"][rows].mean() - columns["score"][rows][0]) for rows in recordings]
    assert metric(columns) == pytest.approx(np.mean(errors), rel=1e-9)


def test_without_groups_it_is_not_possible_and_with_small_ones_there_is_no_number():
    metric = built()["worst_group_accuracy"]
    columns = columns_of()
    assert not metric.is_possible({name: column for name, column in columns.items() if name != "by gender"})
    assert np.isnan(metric({name: column[:12] for name, column in columns.items()}))


def test_a_recording_in_two_groups_is_refused():
    columns = columns_of()
    columns["by gender"][0] = "male"
    with pytest.raises(RunError, match="expected the rows of each video in one group by gender, found several for v0"):
        built()["worst_group_mae"](columns)


def test_it_has_no_interval_and_can_be_resampled_for_differences():
    metric = built()["worst_group_accuracy"]
    columns = columns_of()
    assert bootstrap_intervals({"worst": metric}, columns) == {}
    assert metric.function(*metric.rows(columns)) == metric(columns)
