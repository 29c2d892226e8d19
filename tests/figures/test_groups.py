from fercli.figures.groups import groups_figure
from tests.tables.test_groups import result


def test_each_group_has_a_dot_in_each_panel_and_a_small_one_says_so():
    figure = groups_figure(result())
    first, second = figure.axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["female (30)", "male (30)", "=Oslo (5)"]
    dots = [line.get_xydata().tolist() for line in first.lines if line.get_marker() == "o"]
    assert dots == [[[50.0, 0.0]], [[75.0, 1.0]]]
    assert [text.get_text() for text in second.texts] == ["too few"]
    assert (first.get_xlabel(), second.get_xlabel()) == ("accuracy (%)", "ECE (%)")
