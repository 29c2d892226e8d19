import numpy as np
import pandas as pd

from fercli.engine.pairs import read_pairs
from fercli.figures.score_similarity import pair_similarity_figure, similarity_by_gap_figure
from fercli.metrics.score_pairs import Pairs, score_pairs


def drawn(seed=0, n=12):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, 3)), generator.integers(0, 6, n).astype(float), generator.integers(0, 4, n)


def test_histograms_are_shares_of_either_kind_of_pair():
    pairs = Pairs(np.array([0.9, 0.7, -0.5, 0.1]), np.array([0, 0, 5, 9]))
    (axes,) = pair_similarity_figure({"after": pairs}).axes
    assert axes.get_title(loc="left") == "after"
    assert axes.get_legend().get_title().get_text() == "0% in wrong order"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["equal scores: 2", "different scores: 2"]
    tops = [patch.get_path().vertices[:, 1].max() for patch in axes.patches]
    assert tops == [0.5, 0.5]


def test_panels_share_their_axes():
    features, score, _ = drawn(n=30)
    figure = pair_similarity_figure({"before": score_pairs(features, score), "after": score_pairs(features**3, score)})
    assert len({axes.get_ylim() for axes in figure.axes}) == 1


def test_panels_go_on_below():
    pairs = score_pairs(*drawn(n=30)[:2])
    axes = pair_similarity_figure({"one": pairs, "two": pairs, "three": pairs}, num_columns=2).axes
    assert [cell.get_title(loc="left") for cell in axes] == ["one", "two", "three", ""]
    assert [cell.get_visible() for cell in axes] == [True, True, True, False]


def test_pairs_are_read_as_a_run_keeps_them(tmp_path):
    path = tmp_path / "pairs.parquet"
    assert read_pairs(path) is None
    pd.DataFrame({"similarity": [0.5, 0.25], "gap": [3.0, 0.0]}).to_parquet(path)
    found = read_pairs(path)
    assert (found.similarity.tolist(), found.gap.tolist()) == ([0.5, 0.25], [3, 0])
    pd.DataFrame({"similarity": [], "gap": []}).to_parquet(path)
    assert read_pairs(path) is None


def test_more_lines_than_colors_are_all_drawn():
    pairs = Pairs(np.array([0.9, 0.1]), np.array([0, 9]))
    (axes,) = similarity_by_gap_figure({str(i): pairs for i in range(12)}).axes
    assert len(axes.lines) == 12


def test_similarity_by_gap_is_the_mean_of_pairs_of_about_that_gap():
    pairs = Pairs(np.array([0.9, 0.7, 0.2, -0.4]), np.array([0, 2, 3, 40]))
    (axes,) = similarity_by_gap_figure({"histogram loss": pairs}).axes
    np.testing.assert_allclose(axes.lines[0].get_xdata(), [1, 3, 40])
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [0.8, 0.2, -0.4])
    assert axes.get_legend().get_texts()[0].get_text() == "histogram loss\nSpearman 1.00"
