import pytest

from fercli.errors import ConfigError, DataError, FercliError, RunError, nearest, printable, reading


@pytest.mark.parametrize("error", [ConfigError, DataError, RunError])
def test_every_error_that_a_user_can_mend_is_caught_as_one(error):
    assert issubclass(error, FercliError)


def test_the_nearest_choice_is_named():
    assert nearest("focl", ["center", "focal", "ccc"]) == "did you mean 'focal'? choices: ccc, center, focal"


def test_nothing_is_suggested_where_nothing_is_near():
    assert nearest("xyz", ("center", "focal")) == "choices: center, focal"


def test_of_many_choices_only_the_nearest_are_named():
    choices = [f"source/table_{i}" for i in range(70)] + ["other"]
    message = nearest("source/table_69x", choices)
    assert message.startswith("did you mean 'source/table_69'? the nearest of 71 choices: source/table_69, ")
    assert message.count(",") == 3
    assert nearest("xyz", choices) == "there are 71 choices"
    assert nearest("xyz", choices, "fercli list studies") == "there are 71 choices; `fercli list studies` shows all"


def test_capitals_do_not_hide_what_is_near():
    assert nearest("dann", ["ALT", "DAN", "Poster"]).startswith("did you mean 'DAN'? ")


def test_of_more_than_a_dozen_choices_all_are_listed_only_where_nothing_else_helps():
    choices = [f"{letter}{letter}{letter}" for letter in "abcdefghijklm"]
    assert nearest("zzz", choices) == f"choices: {', '.join(choices)}"
    assert nearest("aab", choices).startswith("did you mean 'aaa'? the nearest of 13 choices: aaa")
    assert nearest("zzz", choices, "fercli list loss") == "there are 13 choices; `fercli list loss` shows all"


@pytest.mark.parametrize(
    "cause",
    [
        ValueError("no\nzip"),
        OSError(22, "Invalid argument"),
        KeyError("a"),
        AssertionError(),
        MemoryError(),
        RecursionError(),
    ],
)
@pytest.mark.parametrize("error", [DataError, RunError])
def test_whatever_a_library_raises_becomes_one_message_with_the_file(error, cause):
    with (
        pytest.raises(error, match=r"a.npy is damaged: expected a NumPy array, found .*; copy") as raised,
        reading("a.npy", "a NumPy array", error=error),
    ):
        raise cause
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("passing", [RunError("it is locked"), PermissionError(13, "Permission denied", "a.npy")])
def test_what_says_nothing_about_the_content_passes_as_it_is(passing):
    with pytest.raises(type(passing)) as raised, reading("a.npy", "a NumPy array"):
        raise passing
    assert raised.value is passing


def test_text_of_data_cannot_command_a_terminal():
    assert printable("Ärger \x1b[31m \u202e \udcff\n") == "Ärger \\x1b[31m \\u202e \\udcff\\n"
