from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from fercli.errors import RunError
from fercli.figures import embeddings
from fercli.runs.folder import RunFolder

CLASSES = ["neutral", "fear", "anger"]
LABELS = np.arange(30) % 3


@pytest.fixture
def run_with(tmp_path):
    """A run that keeps features of these ids: three groups, far apart."""

    def write(name, first_id=0, broken=False, centers=None):
        run = RunFolder(tmp_path / name)
        run.path.mkdir()
        features = 20 * np.eye(3, 6)[LABELS] + np.random.default_rng(len(name)).normal(size=(30, 6))
        features[0] = np.nan if broken else features[0]
        frame = pd.DataFrame({"id": [f"sample {first_id + i:03}" for i in range(30)]})
        frame["expression"] = pd.Categorical.from_codes(LABELS, categories=CLASSES)
        frame["feature"] = list(features.astype(np.float32))
        frame.to_parquet(run.embeddings)
        if centers is not None:
            torch.save({"state_dict": {"objective.centers.centers": torch.from_numpy(centers)}}, run.weights)
        return run

    return write


def of_study(runs):
    return list(embeddings.of_study(SimpleNamespace(first_runs=runs)))


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.get_visible()]


def test_one_panel_for_each_row_shows_the_same_samples_in_the_colors_of_their_classes(run_with):
    ((_, caption, figure, _),) = of_study({"center": run_with("center"), "island": run_with("islands")})
    assert "the same 30 samples in every panel" in caption
    assert "squares" not in caption
    assert titles(figure) == ["center", "island"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == CLASSES
    first, second = (axes.collections[0] for axes in figure.axes)
    np.testing.assert_array_equal(first.get_facecolors(), second.get_facecolors())
    for dots in (first, second):  # the nearest sample of each is one of its class
        places, colors = np.asarray(dots.get_offsets()), dots.get_facecolors()
        apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 1e9 * np.eye(len(places))
        np.testing.assert_array_equal(colors, colors[apart.argmin(1)])


def test_several_centers_of_a_class_are_squares_beside_its_samples(run_with):
    centers = np.repeat(20 * np.eye(3, 6)[:, None], 2, axis=1)  # two for each class
    ((_, caption, figure, _),) = of_study({"plain": run_with("plain"), "subclass": run_with("s", centers=centers)})
    assert "; squares are the class centers" in caption
    assert [len(axes.collections) for axes in figure.axes] == [1, 2]
    dots, squares = figure.axes[1].collections
    assert len(squares.get_offsets()) == 6
    for place, color in zip(squares.get_offsets(), squares.get_facecolors(), strict=True):
        nearest = np.linalg.norm(dots.get_offsets() - place, axis=1).argmin()
        np.testing.assert_allclose(dots.get_facecolors()[nearest, :3], color[:3])


def test_rows_of_other_samples_get_a_figure_of_their_own(run_with):
    figures = of_study({"a": run_with("a"), "b": run_with("bb", first_id=100), "c": run_with("ccc")})
    assert [titles(figure) for _, _, figure, _ in figures] == [["a", "c"], ["b"]]


def test_a_row_of_a_diverged_training_is_named_and_not_drawn(run_with):
    ((_, caption, figure, _),) = of_study({"good": run_with("good"), "bad": run_with("bad", broken=True)})
    assert titles(figure) == ["good"]
    assert "features of bad are not finite" in caption


def test_runs_without_kept_features_have_no_figure(tmp_path):
    assert of_study({"a": RunFolder(tmp_path)}) == []


def test_a_damaged_file_is_named(run_with):
    run = run_with("a")
    run.embeddings.write_bytes(b"no table")
    with pytest.raises(RunError, match=r"embeddings\.parquet is damaged"):
        of_study({"a": run})


def test_each_map_of_features_is_a_step_of_the_progress(run_with):
    runs = {"center": run_with("center"), "island": run_with("islands"), "none": RunFolder(Path("nowhere"))}
    results, told = SimpleNamespace(first_runs=runs), []
    assert embeddings.num_maps(results) == 2
    list(embeddings.of_study(results, lambda: told.append(1)))
    assert len(told) == 2
