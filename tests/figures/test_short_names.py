import pytest

from fercli.figures.short_names import short, short_names
from tests.figures.test_figure import LONG


def test_names_are_cut_in_their_middle_escaped_and_stay_apart():
    found = short_names(LONG)
    assert found[0] == f"{'x' * 14}…{'x' * 13} (1)"
    assert found[1].startswith("yx")
    assert found[3] == f"{'驚' * 7}…{'驚' * 6}"
    assert found[4:] == ["fear", r"an\x1b[31mger"]
    assert len(set(found)) == len(LONG)


@pytest.mark.parametrize("most", [10, 11, 28])
def test_a_short_line_has_no_more_columns_than_asked(most):
    for line in LONG[:3]:
        assert len(short(line, most)) == most
    assert 2 * len(short(LONG[3], most)) - 1 in (most - 1, most)
