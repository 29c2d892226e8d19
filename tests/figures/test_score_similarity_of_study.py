from types import SimpleNamespace

import pandas as pd
import pytest

from fercli.figures import score_similarity
from fercli.runs.folder import RunFolder


@pytest.fixture
def runs(tmp_path):
    """A run for each name, with pairs after training, and with `before`, pairs before it."""

    def write(*names, before=True, gap=(0.0, 0.0, 6.0)):
        found = {name: RunFolder(tmp_path / name) for name in names}
        for run in found.values():
            run.path.mkdir()
            pd.DataFrame({"similarity": [0.9, 0.8, 0.1], "gap": gap}).to_parquet(run.pairs)
            if before:
                pd.DataFrame({"similarity": [0.1, 0.3, 0.2], "gap": gap}).to_parquet(run.pairs_untrained)
        return found

    return write


def of_study(runs):
    return list(score_similarity.of_study(SimpleNamespace(first_runs=runs)))


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]


def test_each_row_before_and_after_its_training(runs):
    (_, _, histograms, _), (_, _, by_gap, _) = of_study(runs("plain", "aware"))
    assert titles(histograms) == ["plain, untrained", "plain", "aware, untrained", "aware"]
    shares = [axes.get_legend().get_title().get_text() for axes in histograms.axes]
    assert shares == ["50% in wrong order", "0% in wrong order"] * 2
    assert [line.get_label().partition("\n")[0] for line in by_gap.axes[0].lines] == ["plain", "aware"]


def test_rows_alone_where_one_was_trained_without_a_look_before(runs):
    found = runs("plain") | runs("aware", before=False)
    ((_, _, histograms, _), _) = of_study(found)
    assert titles(histograms) == ["plain", "aware"]


def test_without_equal_scores_there_are_no_histograms(runs):
    ((_, caption, *_),) = of_study(runs("plain", gap=(2.0, 3.0, 6.0)))
    assert caption.startswith("Mean cosine of two samples")


def test_without_different_scores_there_is_nothing_to_show(runs):
    assert of_study(runs("plain", gap=(0.0, 0.0, 0.0))) == []


def test_runs_without_scores_have_no_pairs(tmp_path):
    assert of_study({"softmax": RunFolder(tmp_path)}) == []
