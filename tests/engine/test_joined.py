import numpy as np
import pytest

from fercli.engine.joined import JoinedClasses
from fercli.errors import ConfigError, DataError

JOINED = JoinedClasses(("fear", "anger", "contempt"), ("pain", "anger", "fear"))


@pytest.fixture
def columns():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(3), size=20)
    return {"expression": rng.integers(-1, 3, size=20), "probabilities": probabilities, "valence": rng.normal(size=20)}


def test_probabilities_of_the_classes_in_common_are_divided_by_their_sum(columns):
    found, left_out = JOINED.in_common(columns)
    assert JOINED.common == ("fear", "anger")
    pain = 0
    for i in range(20):
        fear, anger, _ = columns["probabilities"][i]
        expected = [fear / (fear + anger), anger / (fear + anger)]
        np.testing.assert_allclose(found["probabilities"][i], expected, rtol=1e-9)
        label = columns["expression"][i]
        assert found["expression"][i] == {0: -1, 1: 1, 2: 0, -1: -1}[label]
        pain += label == 0
    assert left_out == {"pain": pain}
    np.testing.assert_array_equal(found["valence"], columns["valence"])


def test_no_probability_for_any_class_in_common_leaves_them_equal(columns):
    found, _ = JOINED.in_common(columns | {"probabilities": np.tile([0.0, 0.0, 1.0], (20, 1))})
    assert (found["probabilities"] == 0.5).all()


def test_of_all_classes_a_class_that_the_network_does_not_know_is_never_predicted(columns):
    found = JOINED.of_all(columns)
    assert JOINED.all == ("fear", "anger", "contempt", "pain")
    assert (found["probabilities"][:, 3] == 0).all()
    np.testing.assert_array_equal(found["probabilities"][:, :3], columns["probabilities"])
    assert [int(label) for label in found["expression"]] == [
        {0: 3, 1: 1, 2: 0, -1: -1}[int(label)] for label in columns["expression"]
    ]


def test_classes_that_are_asked_for_must_be_on_both_sides():
    assert JoinedClasses(JOINED.known, JOINED.found, ("anger",)).common == ("anger",)
    with pytest.raises(ConfigError, match="no class named 'pain' that the run knows and stores/x has"):
        JoinedClasses(JOINED.known, JOINED.found, ("pain",)).require_common("stores/x")
    with pytest.raises(DataError, match="no class in common"):
        JoinedClasses(("fear",), ("pain",)).require_common("stores/x")
    JoinedClasses((), ()).require_common("stores/x")  # a network for scores
