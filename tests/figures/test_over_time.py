import numpy as np

from fercli.figures.over_time import over_time_figure
from fercli.scales import BDI_II


def rows(person, *scores):
    return [{"person": person, "second": s, "predicted_score": v} for s, v in enumerate(scores) if v is not None]


def test_each_person_has_a_line_that_breaks_where_they_are_away():
    figure = over_time_figure(
        [*rows("Ann", 5.0, 7.0, None, 9.0), *rows("Bob", 1.0, 2.0)], {"predicted_score": 4.0}, BDI_II
    )
    (axes,) = figure.axes
    drawn = [line.get_xydata().tolist() for line in axes.get_lines()]
    assert drawn == [[[0.5, 5.0], [1.5, 7.0]], [[3.5, 9.0]], [[0.5, 1.0], [1.5, 2.0]]]
    band = axes.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (1.0, 11.0)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Ann", "Bob"]
    assert any("error on held-out data: ± 4" in text.get_text() for text in axes.texts)


def test_many_people_have_no_bands_and_the_rest_is_said():
    figure = over_time_figure(
        [row for i in range(10) for row in rows(f"p{i}", 1.0, 2.0)], {"predicted_score": 4.0}, BDI_II
    )
    (axes,) = figure.axes
    assert len(axes.get_lines()) == 8
    assert not axes.collections
    assert axes.get_legend().get_title().get_text() == " (and 2 more people)"


def test_valence_and_arousal_have_panels_of_their_own():
    found = [{"person": "Ann", "second": s, "predicted_valence": 0.1, "predicted_arousal": -0.2} for s in range(2)]
    figure = over_time_figure(found, {}, BDI_II)
    assert [axes.get_ylabel() for axes in figure.axes] == ["valence", "arousal"]
    assert np.allclose(figure.axes[1].get_lines()[0].get_ydata(), -0.2)


def test_the_band_of_the_error_is_cut_only_where_the_scale_ends():
    for score, top in ((43.0, 54.5), (60.0, 63.5), (5.0, 45.0)):
        figure = over_time_figure(rows("Ann", score, score), {"predicted_score": 11.0}, BDI_II)
        assert abs(figure.axes[0].get_ylim()[1] - top) < 1
