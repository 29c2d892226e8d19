"""What holds for every sampler."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fercli.errors import DataError
from fercli.samplers.age import AgeSampler
from fercli.samplers.batches import EpochBatches
from fercli.samplers.expression import ExpressionSampler
from fercli.samplers.per_class import PerClass
from fercli.samplers.resampling import Down, Up
from fercli.samplers.shuffle import Shuffle

BY_EXPRESSION = {
    "expression": ExpressionSampler(),
    "literal": ExpressionSampler("literal"),
    "up": Up(),
    "down": Down(),
    "per_class": PerClass(batch_size=4, num_samples=2),
}
SAMPLERS = {"shuffle": Shuffle(), "age": AgeSampler(), **BY_EXPRESSION}
CLASSES = np.repeat([0, 1, 4], [30, 12, 5])
AGES = np.linspace(3, 80, len(CLASSES))


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_order_depends_on_labels_seed_and_epoch_alone(name, labels):
    sampler, known = SAMPLERS[name], labels(CLASSES, age=AGES)
    np.random.seed(0)
    orders = {(seed, epoch): tuple(sampler(known, seed, epoch)) for seed in range(3) for epoch in range(3)}
    assert len(set(orders.values())) == 9
    assert len({len(order) for order in orders.values()}) == 1
    np.random.seed(1)
    assert orders[1, 2] == tuple(sampler(labels(CLASSES.copy(), age=AGES.copy()), 1, 2))
    assert sampler(known, 0, 0).dtype == np.int64


@pytest.mark.parametrize("name", BY_EXPRESSION)
@given(classes=st.lists(st.integers(-1, 3), min_size=1, max_size=40))
def test_unlabelled_rows_are_never_drawn(name, labels, classes):
    sampler, classes = BY_EXPRESSION[name], np.array(classes)
    if len(set(classes) - {-1}) < 2:
        classes = np.append(classes, [0, 1])
    order = sampler(labels(classes), 0, 0)
    assert (classes[order] >= 0).all()
    # Without the unlabelled rows, the same rows would be drawn.
    labelled = np.flatnonzero(classes >= 0)
    np.testing.assert_array_equal(order, labelled[sampler(labels(classes[labelled]), 0, 0)])


@pytest.mark.parametrize("name", BY_EXPRESSION)
def test_without_any_expression_there_is_one_clear_message(name, labels):
    with pytest.raises(DataError, match="'expression', which no training row carries; use sampler=shuffle"):
        BY_EXPRESSION[name](labels([-1, -1]), 0, 0)


@pytest.mark.parametrize("name", SAMPLERS)
def test_processes_together_see_what_one_sees(name, labels):
    known = labels(CLASSES, age=AGES)
    shares = [list(EpochBatches(SAMPLERS[name], known, 2, 7, rank, 2, lambda: (3, 0))) for rank in (0, 1)]
    alone = list(EpochBatches(SAMPLERS[name], known, 4, 7, 0, 1, lambda: (3, 0)))
    whole = [sorted(batch) for batch in alone if len(batch) == 4]
    assert [sorted(a + b) for a, b in zip(*shares, strict=True)][: len(whole)] == whole
    assert len(whole) > 1
