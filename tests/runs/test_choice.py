"""Runs are filtered and sorted in the units that tables print."""

import pytest

from fercli.errors import ConfigError
from fercli.runs.choice import Threshold, Wanted, choose_entries, sort_entries
from fercli.runs.listing import list_runs


@pytest.fixture
def entries(tmp_path, write_run):
    for seed, accuracy in enumerate((0.7, 0.9, 0.8)):
        write_run(tmp_path, seed=seed, accuracy=accuracy)
    write_run(tmp_path, "center_x", accuracy=0.6, method="center")
    (tmp_path / "dda_x" / "seed9").mkdir()
    return list_runs(tmp_path)


def seeds(entries):
    return [entry.seed for entry in entries]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("accuracy>=80", [1, 2]), ("accuracy > 80 %", [1]), ("accuracy<70", [0]), ("ece<=10", [0, 0, 1, 2])],
)
def test_a_threshold_is_in_printed_units(entries, text, kept):
    assert seeds(choose_entries(entries, Wanted(thresholds=[Threshold.of(text)]))) == kept


@pytest.mark.parametrize("text", ["accuracy", "accuracy=80", ">80", "accuracy>x", "accuracy>nan", ""])
def test_a_threshold_that_cannot_be_read(text):
    with pytest.raises(ConfigError, match="expected a metric and a number"):
        Threshold.of(text)


def test_the_best_run_is_first_and_runs_without_numbers_last(entries):
    of_dda = choose_entries(entries, Wanted(method="dda"))
    assert seeds(sort_entries(of_dda, "accuracy")) == [1, 2, 0]
    assert seeds(sort_entries(entries, "accuracy", reverse=True)) == [0, 0, 2, 1, 9]
    assert seeds(sort_entries(entries, "method")) == [0, 0, 1, 2, 9]
    assert seeds(sort_entries(entries, "seed", reverse=True)) == [9, 2, 1, 0, 0]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(method="ddd"), "no run has the method 'ddd'; did you mean 'dda'\\? choices: center, dda"),
        (Wanted(data="raf"), "no run has the data 'raf'; choices: ferplus"),
        (Wanted(study="a/b"), "no run has the study 'a_b'; there are none"),
        (Wanted(tags=["x"]), "no run has the tag 'x'; there are none"),
        (Wanted(states=["done"]), "no state named 'done'"),
        (Wanted(thresholds=[Threshold("acc", ">", 1.0)]), "no run has the metric 'acc'; choices: accuracy, ece"),
    ],
)
def test_what_no_run_has_is_a_message_with_the_choices(entries, wanted, message):
    with pytest.raises(ConfigError, match=message):
        choose_entries(entries, wanted)
    assert choose_entries([], Wanted(method="ddd")) == []


def test_a_key_to_sort_by_that_no_run_has(entries):
    with pytest.raises(ConfigError, match=r"no run can be sorted by 'accurracy'; .*did you mean 'accuracy'"):
        sort_entries(entries, "accurracy")
