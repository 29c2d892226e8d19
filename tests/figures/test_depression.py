import numpy as np
import pytest

from fercli.errors import DataError
from fercli.figures.classes import confusion_matrix_figure
from fercli.figures.depression import (
    label_distribution_figure,
    score_feature_figure,
    score_prediction_figure,
    severity_error_figure,
)
from fercli.metrics.severity import severity_confusion, severity_errors
from fercli.scales import BDI_II

TRUE, PREDICTED = np.array([12.0, 15, 40]), np.array([10.0, 20, 44])


def test_every_recording_is_a_dot_and_the_errors_are_the_title():
    (axes,) = score_prediction_figure(TRUE, PREDICTED, BDI_II).axes
    np.testing.assert_array_equal(axes.collections[0].get_offsets(), np.stack([TRUE, PREDICTED], axis=1))
    assert axes.get_title(loc="left") == "MAE 3.67, RMSE 3.87, 3 recordings"
    assert axes.get_xlim() == axes.get_ylim()


def test_nothing_is_cut_off():
    low, high = score_prediction_figure(TRUE, np.array([-7.0, 20, 62]), BDI_II).axes[0].get_ylim()
    assert low < -7
    assert high > 62


def test_the_constant_predictor_is_a_line():
    (axes,) = score_prediction_figure(TRUE, PREDICTED, BDI_II, constant=14.96, title="test").axes
    assert set(axes.lines[-1].get_ydata()) == {14.96}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["always 15.0"]


def test_bands_are_shown_by_the_confusion_matrix_of_classes():
    axes = confusion_matrix_figure(severity_confusion(TRUE, PREDICTED, BDI_II), BDI_II.names).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(BDI_II.names)


def test_errors_of_each_band_are_bars_and_an_empty_band_has_none():
    (axes,) = severity_error_figure(severity_errors(TRUE, PREDICTED, BDI_II), BDI_II).axes
    heights = [[bar.get_height() for bar in bars] for bars in axes.containers]
    np.testing.assert_array_equal(heights, [[2, 5, np.nan, 4], [-2, 5, np.nan, 4]])
    assert [text.get_text() for text in axes.texts] == ["2.0", "5.0", "", "4.0", "-2.0", "+5.0", "", "+4.0"]
    assert [label.get_text().splitlines()[1] for label in axes.get_xticklabels()] == [
        "1 rec.",
        "1 rec.",
        "0 rec.",
        "1 rec.",
    ]


def test_each_recording_has_a_panel_with_its_distributions():
    target, predicted = np.eye(5)[[1, 4, 2, 0]], np.full((4, 5), 0.2)
    figure = label_distribution_figure(target, predicted, np.array([1.0, 4, 2, 0]), ["a", "b", "c", "d"])
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == [
        "a: 1, predicted 2.0",
        "b: 4, predicted 2.0",
        "c: 2, predicted 2.0",
        "d: 0, predicted 2.0",
    ]
    for axes in shown:
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), [0.2] * 5)
        assert axes.lines[1].get_xdata()[0] == pytest.approx(2)
    assert len({axes.get_ylim() for axes in shown}) == 1


def test_a_score_without_a_distribution_is_a_line_and_bins_may_lie_between_points():
    predicted = np.array([[0.0, 0.5, 0.5, 0]])
    (axes,) = label_distribution_figure(None, predicted, np.array([1.0]), ["a"], offset=0.5).axes
    assert axes.get_title(loc="left") == "a: 1, predicted 1.0"
    true, shares, expected = axes.lines
    assert true.get_xdata()[0] == expected.get_xdata()[0] == 1
    np.testing.assert_array_equal(shares.get_xdata(), [-0.5, 0.5, 1.5, 2.5])


def test_wide_features_are_projected_where_lengths_do_not_count():
    generator = np.random.default_rng(0)
    direction, score = generator.normal(size=(40, 6)), generator.integers(0, 45, 40).astype(float)
    shown = [
        score_feature_figure(features, score).axes[0].collections[0]
        for features in (direction, direction * generator.uniform(1, 9, (40, 1)))
    ]
    np.testing.assert_allclose(shown[0].get_offsets(), shown[1].get_offsets(), atol=1e-9)
    assert sorted(shown[0].get_array()) == sorted(score)


def test_two_features_are_shown_as_they_are():
    features = np.array([[3.0, 4], [1, 0], [0, 5]])
    axes = score_feature_figure(features, np.array([1.0, 2, 3])).axes[0]
    assert sorted(map(tuple, axes.collections[0].get_offsets())) == sorted(map(tuple, features))
    assert axes.get_title(loc="left") == "deep feature"


@pytest.mark.parametrize("features", [np.zeros((2, 8)), np.full((9, 8), np.nan)])
def test_features_that_cannot_be_projected_are_refused(features):
    with pytest.raises(DataError, match="at least 3 samples of finite features"):
        score_feature_figure(features, np.zeros(len(features)))
