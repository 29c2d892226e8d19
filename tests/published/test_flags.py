import pandas as pd
import pytest

from fercli.published.flags import measured_flags, published_flags
from fercli.tables.columns import metric_column

NONE = pd.DataFrame({"repeated": []})


def repeats(*values):
    return pd.DataFrame({"repeated": values})


@pytest.mark.parametrize(
    ("doubts", "flags"),
    [
        ([], []),
        (["second-hand table: confirm before citing"], ["second-hand"]),
        (["not reproduced: the released checkpoint gives about 36"], ["not reproduced"]),
        (["doubtful: images were augmented before they were split"], ["doubtful"]),
        (
            ["quoted from the cited paper, not re-run", "conflicts with 81.10 in Tables 3.3"],
            ["not re-run", "prints differ"],
        ),
    ],
)
def test_remarks_become_a_word_each(doubts, flags):
    assert published_flags(doubts, 90.0, NONE, metric_column("accuracy")) == flags


def test_even_the_best_repeat_must_fall_short():
    accuracy, error = metric_column("accuracy"), metric_column("mae")
    assert published_flags([], 92.21, repeats(75.6, 36.0), accuracy) == ["repeats fall short by 16.61"]
    assert published_flags([], 92.21, repeats(75.6, 91.3), accuracy) == []
    assert published_flags([], 86.0, repeats(88.75), accuracy) == []
    assert published_flags([], 6.0, repeats(9.36, 10.44), error) == ["repeats fall short by 3.36"]
    assert published_flags([], 6.0, repeats(5.5), error) == []


def test_measured_numbers_say_what_they_rest_on():
    assert measured_flags(1, "reported split", "smoke") == "one seed; epoch chosen on this split; budget smoke"
    assert measured_flags(3, "holdout", "full") == measured_flags(3, None, None) == ""
