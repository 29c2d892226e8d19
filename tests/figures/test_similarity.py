import numpy as np

from fercli.figures.figure import figure_bytes
from fercli.figures.similarity import adjacency_figure, affect_cosines_figure, cosine_map_figure

NAMES = ["happiness", "anger", "valence", "arousal"]
WEIGHTS = np.array([[1.0, 0.0], [-3.0, 4.0], [2.0, 0.0], [0.0, 0.0]])


def written(axes):
    return [text.get_text() for text in axes.texts]


def names(axes):
    return [[label.get_text() for label in labels] for labels in (axes.get_yticklabels(), axes.get_xticklabels())]


def test_cosines_of_all_vectors():
    axes = cosine_map_figure(WEIGHTS, NAMES).axes[0]
    expected = [[1, -0.6, 1, 0], [-0.6, 1, -0.6, 0], [1, -0.6, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(axes.images[0].get_array(), expected)
    assert axes.images[0].get_clim() == (-1, 1)
    assert names(axes) == [NAMES, NAMES]
    assert written(axes)[:4] == ["1.00", "-0.60", "1.00", "0.00"]


def test_classes_against_valence_and_arousal_side_by_side():
    panels = {"one": (WEIGHTS[:2], WEIGHTS[2:]), "two": (WEIGHTS[:2], np.array([[0.0, 5.0], [3.0, 4.0]]))}
    one, two, _ = affect_cosines_figure(panels, NAMES[:2]).axes
    np.testing.assert_allclose(one.images[0].get_array(), [[1, 0], [-0.6, 0]])
    np.testing.assert_allclose(two.images[0].get_array(), [[0, 0.6], [0.8, 7 / 25]])
    assert [axes.get_title(loc="left") for axes in (one, two)] == ["one", "two"]
    assert names(one) == [NAMES[:2], ["valence", "arousal"]]
    assert one.images[0].get_clim() == two.images[0].get_clim() == (-1, 1)


def test_more_networks_than_fit_into_a_row_go_on_below():
    panels = {str(i): (WEIGHTS[:2], WEIGHTS[2:]) for i in range(5)}
    axes = affect_cosines_figure(panels, NAMES[:2]).axes
    assert [cell.get_title(loc="left") for cell in axes if cell.get_visible()][:5] == list("01234")
    assert sum(not cell.get_visible() for cell in axes) == 3


def test_a_small_negative_cosine_is_written_without_a_sign():
    weights = np.array([[1.0, 0.0], [-0.001, 1.0]])
    assert written(cosine_map_figure(weights, ["a", "b"]).axes[0]) == ["1.00", "0.00", "0.00", "1.00"]


def test_cells_without_an_edge_are_empty():
    matrix = np.array([[0.3, 0.0, 0.7], [0.0, 0.3, 0.7], [0.35, 0.35, 0.3]])
    axes = adjacency_figure(matrix, ["a", "b", "valence"], title="graph").axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), matrix)
    assert written(axes) == ["0.30", "0.70", "0.30", "0.70", "0.35", "0.35", "0.30"]
    assert (axes.get_ylabel(), axes.get_xlabel(), axes.get_title(loc="left")) == ("to", "from", "graph")


def test_a_figure_is_always_the_same():
    assert figure_bytes(cosine_map_figure(WEIGHTS, NAMES), "svg") == figure_bytes(
        cosine_map_figure(WEIGHTS, NAMES), "svg"
    )
