import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from fercli.figures.affect import affect_counts_figure, affect_plane_figure
from fercli.figures.figure import EXPRESSION_COLORS, figure_bytes
from fercli.ops.sectors import sector

CLASSES = ["neutral", "happiness", "anger"]
AFFECT = np.array([[0.0, 0.1], [0.8, 0.2], [-0.6, 0.7], [0.5, np.nan], [0.3, 0.3]])
LABELS = np.array([0, 1, 2, 1, -1])


def test_samples_with_both_labels_lie_in_the_plane_in_the_color_of_their_class():
    figure = affect_plane_figure(AFFECT, LABELS, CLASSES)
    (axes,) = figure.axes
    (dots,) = axes.collections
    drawn = {(*xy, *color) for xy, color in zip(dots.get_offsets(), dots.get_facecolors()[:, :3], strict=True)}
    assert drawn == {(*AFFECT[i], *to_rgb(EXPRESSION_COLORS[CLASSES[i]])) for i in range(3)}
    assert axes.get_title(loc="left") == "3 images"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == CLASSES
    assert not axes.texts


@pytest.mark.parametrize("num_sectors", [2, 4, 8, 12])
def test_each_sector_is_numbered_where_it_lies_and_cut_off_by_lines(num_sectors):
    (axes,) = affect_plane_figure(AFFECT, LABELS, CLASSES, num_sectors=num_sectors).axes
    places = torch.tensor([text.get_position() for text in axes.texts], dtype=torch.float64)
    assert sector(places, num_sectors).tolist() == [int(text.get_text()) for text in axes.texts]
    assert len(axes.texts) == num_sectors
    for line in axes.lines[2:]:  # after the two axes
        x, y = line.get_xydata()[-1]
        assert max(abs(x), abs(y)) == pytest.approx(1)
        turn = 1e-6 * np.array([[-y, x], [y, -x]]) + (x, y)  # just before and just behind the line
        before, behind = sector(torch.from_numpy(turn), num_sectors).tolist()
        assert before != behind


def test_counts_of_each_class_lie_in_their_bins():
    figure = affect_counts_figure(AFFECT, LABELS, CLASSES, num_bins=4)
    panels = figure.axes[:3]
    assert [panel.get_title(loc="left") for panel in panels] == ["neutral: 1", "happiness: 1", "anger: 1"]
    counts = np.array([panel.collections[0].get_array().filled(0).reshape(4, 4) for panel in panels])
    found = [tuple(map(int, place)) for place in np.argwhere(counts)]
    assert found == [(0, 2, 2), (1, 2, 3), (2, 3, 0)]  # class, bin of arousal, bin of valence
    assert len({panel.collections[0].get_clim() for panel in panels}) == 1


def test_few_images_are_counted_in_plain_numbers():
    figure = affect_counts_figure(AFFECT[:2], LABELS[:2], CLASSES)
    figure.draw_without_rendering()
    labels = figure.axes[-1].yaxis.get_ticklabels(which="both")
    shown = {label.get_text() for label in labels if 1 <= label.get_position()[1] <= 2}
    assert {"1", "2"} <= shown <= {"", "1", "2"}


def test_counts_of_seven_classes_hide_the_eighth_panel_and_keep_empty_classes():
    classes = [*EXPRESSION_COLORS][:7]
    figure = affect_counts_figure(AFFECT, LABELS, classes)
    assert [axes.get_visible() for axes in figure.axes[:8]] == [True] * 7 + [False]
    assert figure.axes[6].get_title(loc="left") == "anger: 0"


@pytest.mark.parametrize("plot", [affect_plane_figure, affect_counts_figure])
def test_a_figure_is_always_the_same(plot):
    first, second = (figure_bytes(plot(AFFECT, LABELS, CLASSES), "svg") for _ in range(2))
    assert first == second
