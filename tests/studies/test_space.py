import pytest

from fercli.config import compose
from fercli.errors import ConfigError
from fercli.studies.space import Searched, space_from, written
from fercli.studies.study import study_from

LOG = {"low": 0.001, "high": 0.1, "log": True}


def test_a_range_and_choices():
    space = space_from({"optimizer.lr": LOG, "backbone": {"choices": ["resnet18", "resnet50"]}}, "study x")
    assert space == (
        Searched("optimizer.lr", 0.001, 0.1, log=True),
        Searched("backbone", choices=("resnet18", "resnet50")),
    )
    assert [one.in_words for one in space] == ["0.001 to 0.1 (log)", "resnet18, resnet50"]


@pytest.mark.parametrize(
    ("option", "values", "message"),
    [
        ("optimizer.lr", {"low": 1}, r"search of 'optimizer.lr': expected \{low: 0.001, high: 0.1\}"),
        ("optimizer.lr", [1, 2], "expected {low: 0.001"),
        ("optimizer.lr", {"low": 1, "hgh": 2}, "has the key 'hgh'; did you mean 'high'"),
        ("optimizer.lr", {"low": "a", "high": 2}, "expected {low: 0.001"),
        ("optimizer.lr", {"low": float("nan"), "high": 2}, "expected {low: 0.001"),
        ("optimizer.lr", {"low": 2, "high": 2}, "expected low below high; found 2 and 2"),
        ("optimizer.lr", {"low": 0, "high": 2, "log": True}, "log: true with low above 0"),
        ("optimizer.lr", {"low": 1, "high": 2, "log": True, "step": 1}, "without a step"),
        ("optimizer.lr", {"low": 0, "high": 1, "step": 0.3}, "a step above 0 that leads from 0 to 1; found 0.3"),
        ("optimizer.lr", {"choices": [1, 2], "low": 1}, "choices alone, or a range; found choices, low"),
        ("optimizer.lr", {"choices": [1, 1]}, "at least two different choices"),
        ("optimizer.lr", {"choices": [[1], [2]]}, "choices as a list of numbers, texts"),
        *((option, LOG, "it cannot be varied") for option in ("seed", "selection.holdout", "data", "trainer.devices")),
        *((option, LOG, "it cannot be varied") for option in ("metrics.accuracy.unit", "+optimizer.lr", "search")),
    ],
)
def test_what_is_wrong_is_said(option, values, message):
    with pytest.raises(ConfigError) as error:
        space_from({option: values}, "study x")
    assert message.replace("\\", "") in str(error.value)
    assert str(error.value).startswith(f"study x: search of '{option}'")


def test_a_study_of_corpora_has_no_row_to_search():
    content = {"title": "Across", "source": "ours", "table": "Table 1", "seeds": [0], "metrics": ["accuracy"]}
    content |= {"corpora": ["rafdb", "ferplus"], "search": {"optimizer.lr": LOG}}
    with pytest.raises(ConfigError, match="study across: expected search in a study with rows; found it in one with"):
        study_from("across", content)


def test_an_empty_search_is_refused():
    with pytest.raises(ConfigError, match="study x: expected search to map options to what is tried"):
        space_from({}, "study x")


@pytest.mark.parametrize(
    ("one", "held", "not_held"),
    [
        (Searched("a", 0.1, 0.5), [0.1, 0.3], [0.05, True, "0.3", None]),
        (Searched("a", 0.0, 1.0, step=0.25), [0.0, 0.75, 1.0], [0.3]),
        (Searched("a", 1, 9, step=2), [1, 9], [2, 1.5]),
        (Searched("a", 1, 9), [2], [2.5]),
        (Searched("a", choices=(1, "x", None)), [1, "x", None], [2, True, 1.0]),
    ],
)
def test_which_values_the_search_can_propose(one, held, not_held):
    assert [one.holds(value) for value in held] == [True] * len(held)
    assert [one.holds(value) for value in not_held] == [False] * len(not_held)


@pytest.mark.parametrize(
    "value", [0.001, 1e-05, 3, True, None, "x y", "it's", "null", "1e5", "a,b", "a\\b", "a\\", "a\\'b", "$x", "ü"]
)
def test_hydra_reads_a_written_value_as_it_is(value):
    assert compose("train", [f"search={written(value)}"]).search == value
