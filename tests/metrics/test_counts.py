"""Metrics of the confusion matrix give the same number from counts as from rows, on all rows and on resamples."""

from functools import partial

import numpy as np
import pytest

from fercli.config import compose, instantiate
from fercli.metrics import classification, resamples
from fercli.metrics.cells import Cells
from fercli.metrics.classification import accuracy, ece, recall_of
from fercli.metrics.counts import from_counts
from fercli.metrics.resamples import on_resamples
from fercli.metrics.units import Units
from fercli.scales import BDI_II

CLASSES = ("anger", "fear", "joy")
OF_MATRIX = {name: function for name, function in vars(classification).items() if from_counts(function) is not None}
OPTIONS = {"recall_of": {"names": ["fear"], "classes": CLASSES}}


def draw(num_rows, seed=0, num_classes=3):
    random = np.random.default_rng(seed)
    return random.integers(num_classes, size=num_rows), random.dirichlet(np.ones(num_classes), num_rows)


def test_these_are_all_that_need_no_more_than_counts():
    named = {"accuracy", "mean_class_accuracy", "macro_f1", "weighted_f1", "mcc", "recall_of", "aff_wild2_score"}
    assert set(OF_MATRIX) == named
    assert from_counts(ece) is None


@pytest.mark.parametrize("name", sorted(OF_MATRIX))
@pytest.mark.parametrize("num_people", [30, 11])
def test_resamples_are_those_of_the_rows_to_the_last_bit(name, num_people, monkeypatch):
    monkeypatch.setattr(resamples, "DRAWN_AT_ONCE", 200)  # several resamples at once, several times
    function = partial(OF_MATRIX[name], **OPTIONS.get(name, {}))
    columns, random = draw(30), np.random.default_rng(7)
    person = np.arange(30) // 2 % num_people if num_people < 30 else np.arange(30)
    found = on_resamples([ece, function], columns, Units(person, {"subject": num_people}), 20, seed=7)
    for values in found:
        drawn = random.integers(num_people, size=num_people)
        rows = [row for unit in drawn for row in np.flatnonzero(person == unit)]
        sample = [column[rows] for column in columns]
        assert values.tolist() == [ece(*sample), function(*sample)]


@pytest.mark.parametrize("name", sorted(OF_MATRIX))
def test_many_matrices_have_the_values_of_each_one_to_the_last_bit(name):
    random = np.random.default_rng(1)
    for num_classes in (1, 2, 3, 8, 12, 26):
        classes = [f"class {i}" for i in range(num_classes)]
        options = {"names": classes[::2], "classes": classes} if name == "recall_of" else {}
        function = from_counts(partial(OF_MATRIX[name], **options))
        many = random.integers(0, 40, size=(2, 60, num_classes, num_classes))
        many *= random.random((2, 60, num_classes, 1)) < 0.8  # classes without samples, and some without any
        many[0, 0] = 0
        expected = [[float(function(one)) for one in part] for part in many]
        np.testing.assert_array_equal(function(many), expected)
        assert np.isnan(expected[0][0])
        assert np.isfinite(expected).any()


@pytest.mark.parametrize("name", sorted(OF_MATRIX))
def test_no_rows_give_the_same_as_no_counts(name):
    options = OPTIONS.get(name, {})
    of_rows = OF_MATRIX[name](*draw(0), **options)
    np.testing.assert_equal(of_rows, from_counts(partial(OF_MATRIX[name], **options))(np.zeros((3, 3), dtype=int)))


def test_options_of_a_metric_keep_their_names():
    for one in compose("train", ["metrics=recall_by_class"]).metrics.values():
        assert instantiate(one).for_data(CLASSES, BDI_II).options["classes"] == CLASSES
    assert recall_of(*draw(50), names=["fear"], classes=CLASSES) == recall_of(*draw(50), ["fear"], CLASSES)


def test_each_row_alone_is_right_or_wrong():
    expression, probabilities = draw(40)
    single = Cells.of((expression, probabilities)).singly(from_counts(accuracy))
    assert single.tolist() == (probabilities.argmax(1) == expression).tolist()
    assert Cells.of(draw(0)).singly(from_counts(accuracy)).shape == (0,)
