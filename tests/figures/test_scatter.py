import sys
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest

from fercli.errors import ConfigError, DataError
from fercli.figures.embeddings import tsne_figure, umap_figure
from fercli.figures.scatter import Panel, feature_scatter_figure


def panel(scale):
    generator = np.random.default_rng(0)
    return Panel(scale * generator.normal(size=(30, 2)), generator.integers(3, size=30), scale * np.eye(3, 2))


def test_panels_share_their_axes_so_that_spread_can_be_compared():
    figure = feature_scatter_figure({"softmax": panel(1), "DDA": panel(9)}, ["a", "b", "c"])
    small, large = figure.axes
    assert small.get_xlim() == large.get_xlim()
    own = feature_scatter_figure({"softmax": panel(1), "DDA": panel(9)}, ["a", "b", "c"], same_axes=False)
    assert own.axes[0].get_xlim() != own.axes[1].get_xlim()


def test_every_sample_and_every_center_is_drawn_in_the_color_of_its_class():
    shown = panel(1)
    samples, centers = feature_scatter_figure({"x": shown}, ["a", "b", "c"]).axes[0].collections
    drawn = {
        (*point, *color) for point, color in zip(samples.get_offsets(), samples.get_facecolors()[:, :3], strict=True)
    }
    colors = centers.get_facecolors()[:, :3]
    assert drawn == {(*point, *colors[label]) for point, label in zip(shown.features, shown.labels, strict=True)}
    np.testing.assert_array_equal(centers.get_offsets(), shown.centers)


def test_every_one_of_several_centers_has_the_color_of_its_class():
    shown = panel(1)
    several = Panel(shown.features, shown.labels, np.arange(12.0).reshape(3, 2, 2))
    _, centers = feature_scatter_figure({"x": several}, ["a", "b", "c"]).axes[0].collections
    np.testing.assert_array_equal(centers.get_offsets(), np.arange(12.0).reshape(6, 2))
    colors = centers.get_facecolors()
    np.testing.assert_array_equal(colors[::2], colors[1::2])
    assert len(np.unique(colors, axis=0)) == 3


def test_seven_panels_fill_three_rows_and_hide_what_is_left():
    figure = feature_scatter_figure({str(i): panel(1) for i in range(7)}, ["a", "b", "c"])
    assert [axes.get_visible() for axes in figure.axes] == [True] * 7 + [False] * 2


def test_tsne_is_repeatable_and_shows_a_random_part_of_many_samples():
    generator = np.random.default_rng(0)
    features, labels = generator.normal(size=(80, 8)), generator.integers(3, size=80)
    first, second = (
        tsne_figure(features, labels, ["a", "b", "c"], num_samples=40).axes[0].collections[0].get_offsets()
        for _ in range(2)
    )
    assert len(first) == 40
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("features", [np.zeros((4, 8)), np.full((20, 8), np.nan)])
def test_tsne_refuses_what_it_cannot_embed(features):
    with pytest.raises(DataError, match="at least 5 samples of finite features"):
        tsne_figure(features, np.zeros(len(features), dtype=int), ["a"])


class FakeUMAP:
    """Gives the first two numbers of each row, and keeps how it was made."""

    made: ClassVar[list] = []

    def __init__(self, **options):
        self.made.append(options)

    def fit_transform(self, features):
        self.fitted = len(features)
        return features[:, :2]

    def transform(self, features):
        return features[:, :2] + self.fitted


def test_umap_shows_a_random_part_of_many_samples_with_centers_as_squares_among_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=FakeUMAP))
    generator = np.random.default_rng(0)
    features, labels, centers = generator.normal(size=(80, 8)), generator.integers(3, size=80), np.eye(3, 8)
    (axes,) = umap_figure(features, labels, ["a", "b", "c"], centers, num_samples=10, seed=7).axes
    samples, squares = axes.collections
    assert {*map(tuple, samples.get_offsets())} <= {*map(tuple, features[:, :2])}
    np.testing.assert_array_equal(squares.get_offsets(), centers[:, :2] + 10)
    assert len(squares.get_paths()[0].vertices) == 5  # of a closed square
    assert axes.get_title(loc="left") == "UMAP of 8 features, 10 images"
    assert FakeUMAP.made[-1] == {"n_neighbors": 9, "random_state": 7, "n_jobs": 1}


def test_umap_places_every_one_of_several_centers(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=FakeUMAP))
    centers = np.arange(48.0).reshape(3, 2, 8)
    (axes,) = umap_figure(np.eye(9, 8), np.arange(9) % 3, ["a", "b", "c"], centers).axes
    np.testing.assert_array_equal(axes.collections[1].get_offsets(), centers.reshape(6, 8)[:, :2] + 9)


def test_umap_of_its_library_is_repeatable():
    pytest.importorskip("umap", reason="umap-learn is an optional extra")
    generator = np.random.default_rng(0)
    features, labels = generator.normal(size=(40, 8)), generator.integers(3, size=40)
    first, second = (
        umap_figure(features, labels, ["a", "b", "c"], centers=np.eye(3, 8)).axes[0].collections for _ in range(2)
    )
    for drawn, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(drawn.get_offsets(), again.get_offsets())


def test_umap_that_is_not_installed_is_named_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ConfigError, match=r"UMAP needs umap-learn.*pip install fercli\[umap\]"):
        umap_figure(np.zeros((9, 3)), np.zeros(9, dtype=int), ["a"])


def test_umap_refuses_what_it_cannot_embed(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=FakeUMAP))
    with pytest.raises(DataError, match="UMAP expects at least 5 samples of finite features, found 4"):
        umap_figure(np.zeros((4, 8)), np.zeros(4, dtype=int), ["a"])
