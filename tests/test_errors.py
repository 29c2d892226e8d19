import pytest

from fercli.errors import ConfigError, DataError, FercliError, RunError, nearest


@pytest.mark.parametrize("error", [ConfigError, DataError, RunError])
def test_every_error_that_a_user_can_mend_is_caught_as_one(error):
    assert issubclass(error, FercliError)


def test_the_nearest_choice_is_named():
    assert nearest("focl", ["center", "focal", "ccc"]) == "choices: ccc, center, focal; did you mean 'focal'?"


def test_nothing_is_suggested_where_nothing_is_near():
    assert nearest("xyz", ("center", "focal")) == "choices: center, focal"


def test_of_many_choices_only_the_nearest_are_named():
    choices = [f"source/table_{i}" for i in range(70)] + ["other"]
    message = nearest("source/table_69x", choices)
    assert message.startswith("of 71 choices the nearest are source/table_69, ")
    assert message.count(",") == 3
    assert nearest("xyz", choices) == "there are 71"
