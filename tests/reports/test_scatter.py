import numpy as np
import pytest

from fercli.errors import DataError
from fercli.reports.scatter import Features, feature_scatter_plot, tsne_plot


def panel(scale):
    generator = np.random.default_rng(0)
    return Features(scale * generator.normal(size=(30, 2)), generator.integers(3, size=30), scale * np.eye(3, 2))


def test_panels_share_their_axes_so_that_spread_can_be_compared():
    figure = feature_scatter_plot({"softmax": panel(1), "DDA": panel(9)}, ["a", "b", "c"])
    small, large = figure.axes
    assert small.get_xlim() == large.get_xlim()
    own = feature_scatter_plot({"softmax": panel(1), "DDA": panel(9)}, ["a", "b", "c"], same_axes=False)
    assert own.axes[0].get_xlim() != own.axes[1].get_xlim()


def test_every_sample_and_every_center_is_drawn_in_the_color_of_its_class():
    shown = panel(1)
    samples, centers = feature_scatter_plot({"x": shown}, ["a", "b", "c"]).axes[0].collections
    drawn = {
        (*point, *color) for point, color in zip(samples.get_offsets(), samples.get_facecolors()[:, :3], strict=True)
    }
    colors = centers.get_facecolors()[:, :3]
    assert drawn == {(*point, *colors[label]) for point, label in zip(shown.features, shown.labels, strict=True)}
    np.testing.assert_array_equal(centers.get_offsets(), shown.centers)


def test_seven_panels_fill_three_rows_and_hide_what_is_left():
    figure = feature_scatter_plot({str(i): panel(1) for i in range(7)}, ["a", "b", "c"])
    assert [axes.get_visible() for axes in figure.axes] == [True] * 7 + [False] * 2


def test_tsne_is_repeatable_and_shows_a_random_part_of_many_samples():
    generator = np.random.default_rng(0)
    features, labels = generator.normal(size=(80, 8)), generator.integers(3, size=80)
    first, second = (
        tsne_plot(features, labels, ["a", "b", "c"], num_samples=40).axes[0].collections[0].get_offsets()
        for _ in range(2)
    )
    assert len(first) == 40
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("features", [np.zeros((4, 8)), np.full((20, 8), np.nan)])
def test_tsne_refuses_what_it_cannot_embed(features):
    with pytest.raises(DataError, match="at least 5 samples of finite features"):
        tsne_plot(features, np.zeros(len(features), dtype=int), ["a"])
