import pytest

from fercli.errors import ConfigError, DataError, FercliError, RunError, nearest


@pytest.mark.parametrize("error", [ConfigError, DataError, RunError])
def test_every_error_that_a_user_can_mend_is_caught_as_one(error):
    assert issubclass(error, FercliError)


def test_the_nearest_choice_is_named():
    assert nearest("focl", ["center", "focal", "ccc"]) == "choices: ccc, center, focal; did you mean 'focal'?"


def test_nothing_is_suggested_where_nothing_is_near():
    assert nearest("xyz", ("center", "focal")) == "choices: center, focal"
