import itertools
from math import factorial, log2, prod

import numpy as np
import pytest

from fercli.metrics.votes import agreement_of_all, agreement_with_rest, entropy_of_votes


def agreement_by_loop(votes):
    """One annotator after the other is taken out; those of the rest who tie share the agreement."""
    annotators = [k for k, number in enumerate(votes) for _ in range(int(number))]
    total = 0.0
    for place, answer in enumerate(annotators):
        rest = annotators[:place] + annotators[place + 1 :]
        counts = [rest.count(k) for k in range(len(votes))]
        winners = [k for k in range(len(votes)) if counts[k] == max(counts)]
        if answer in winners:
            total += 1 / len(winners)
    return total / len(annotators)


@pytest.fixture
def votes():
    drawn = np.random.default_rng(0).multinomial(6, [0.4, 0.3, 0.2, 0.1], size=60).astype(float)
    return np.concatenate([drawn, [[1, 1, 0, 0], [5, 5, 0, 0], [2, 2, 2, 0], [9, 1, 0, 0], [0, 2, 0, 0]]])


def test_agreement_is_that_of_a_plain_loop_over_annotators(votes):
    expected = [agreement_by_loop(row) for row in votes]
    assert agreement_with_rest(votes) == pytest.approx(np.array(expected), rel=1e-9)


def test_an_answer_that_is_no_class_agrees_with_nobody(votes):
    annotators = np.full(len(votes), 10.0)
    expected = [agreement_by_loop(row) * sum(row) / 10 for row in votes]
    assert agreement_of_all(votes, annotators) == pytest.approx(np.array(expected), rel=1e-9)


def test_the_mean_is_the_known_probability_where_annotators_answer_independently():
    shares, number = np.array([0.6, 0.3, 0.1]), 5
    known = 0.0
    for rest in itertools.product(range(number), repeat=3):
        if sum(rest) == number - 1:
            ways = factorial(number - 1) / prod(map(factorial, rest))
            winners = [k for k in range(3) if rest[k] == max(rest)]
            known += ways * np.prod(shares**rest) * shares[winners].mean()
    drawn = np.random.default_rng(1).multinomial(number, shares, size=40_000).astype(float)
    found = agreement_with_rest(drawn)
    assert found.mean() == pytest.approx(known, abs=4 * found.std() / np.sqrt(len(found)))


def test_entropy_is_that_of_a_plain_loop(votes):
    expected = [-sum(v / sum(row) * log2(v / sum(row)) for v in row if v) for row in votes]
    assert entropy_of_votes(votes) == pytest.approx(np.array(expected), rel=1e-9, abs=1e-12)
