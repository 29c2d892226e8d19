import json

import numpy as np
import pandas as pd
import pytest

from fercli.figures import disagreements, similarity
from fercli.figures.disagreements import pick_disagreements
from fercli.studies.aggregate import read_results
from fercli.studies.grid import plan
from fercli.studies.study import study_from
from tests.stores import reseal

DIM = 4
AFFECT = ["valence", "arousal"]


@pytest.fixture
def planned(small, request_for):
    """A study of three networks; the claim holds the second against the first."""
    small["rows"].insert(1, {"label": "both", "overrides": ["method=multitask_affect"]})
    small["rows"].insert(2, {"label": "affect", "overrides": ["method=affect_regression"]})
    small["base"].append("optimizer.lr=0.01")
    return plan(study_from("small", small | {"metrics": ["accuracy"]}), request_for("rafdb"))


def cell_of(planned, label, seed=0):
    return next(cell for cell in planned.cells if (cell.label, cell.seed) == (label, seed))


def give_vectors(cell, names):
    generator = np.random.default_rng(cell.seed)
    frame = pd.DataFrame({name: generator.normal(size=DIM) for name in names})
    frame.to_parquet(cell.run.vectors)
    return frame


def cosines(first, second):
    return [
        [first[a] @ second[b] / (np.linalg.norm(first[a]) * np.linalg.norm(second[b])) for b in AFFECT]
        for a in ("fear", "anger")
    ]


def of_study(results):
    return [*similarity.of_study(results), *disagreements.of_study(results)]


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]


def test_cosines_of_a_pair_of_networks_and_of_one_that_predicts_both(planned, finish):
    names = {"center": ["fear", "anger"], "both": ["fear", "anger", *AFFECT], "affect": AFFECT}
    vectors = {}
    for label, own in names.items():
        for seed in (0, 1):
            cell = cell_of(planned, label, seed)
            finish(cell)
            vectors[label, seed] = give_vectors(cell, own)
    ((_, caption, figure, _),) = of_study(read_results(planned))
    assert titles(figure) == ["center and affect", "both"]
    pair, both = (axes.images[0].get_array() for axes in figure.axes[:2])
    np.testing.assert_allclose(pair, cosines(vectors["center", 0], vectors["affect", 1]))
    np.testing.assert_allclose(both, cosines(vectors["both", 0], vectors["both", 0]))
    assert "the second network has its second seed" in caption


def test_a_pair_of_one_seed_says_that_it_begins_alike(planned, finish):
    for label, names in (("center", ["fear", "anger"]), ("affect", AFFECT)):
        finish(cell_of(planned, label))
        give_vectors(cell_of(planned, label), names)
    ((_, caption, *_),) = of_study(read_results(planned))
    assert "begin with the same random numbers" in caption


def test_damaged_vectors_cost_a_figure_and_not_the_page(planned, finish):
    finish(cell_of(planned, "both"))
    cell_of(planned, "both").run.vectors.write_bytes(b"PAR1")
    assert of_study(read_results(planned)) == []


def test_classifiers_alone_have_nothing_to_compare_with(planned, finish):
    finish(cell_of(planned, "center"))
    give_vectors(cell_of(planned, "center"), ["fear", "anger"])
    assert of_study(read_results(planned)) == []


def answers(predicted, valence):
    frame = pd.DataFrame({"predicted": list(predicted), "predicted_valence": valence, "predicted_arousal": 0.0})
    return frame.set_index(pd.Index([f"sample {i}" for i in range(len(frame))]))


def test_samples_of_other_classes_are_picked_by_the_nearness_of_valence_and_arousal():
    one = answers("aaaaa", [0.0, 0.0, 0.0, 0.0, 0.0])
    other = answers("bbabb", [0.5, 0.1, 0.0, -0.3, 0.9])
    assert pick_disagreements(one, other, number=3) == ["sample 1", "sample 3", "sample 0"]
    assert pick_disagreements(one, one) == []


@pytest.fixture
def disagreeing(planned, finish, faces):
    """Two finished runs on drawn faces, which say other classes of two samples."""
    store_meta = json.loads((faces / "dataset.json").read_text())
    from fercli.datasets.store import Store

    ids = sorted(Store(faces).column("id")[:2])
    for label, predicted, valence in (("center", ("fear", "fear"), 0.1), ("DDA", ("anger", "anger"), 0.2)):
        cell = cell_of(planned, label)
        finish(cell, predicted=predicted)
        frame = pd.read_parquet(cell.run.path / "predictions.parquet")
        frame = frame.assign(id=ids, valence=0.5, arousal=-0.5, predicted_valence=valence, predicted_arousal=0.0)
        frame.to_parquet(cell.run.path / "predictions.parquet")
        reseal(cell.run.path)
        cell.run.config.write_text(f"store: {faces}\n")
        content = json.loads(cell.run.metrics.read_text())
        content["data"]["fingerprint"] = store_meta["fingerprint"]
        reseal(cell.run.path, **content)
    return planned


def test_samples_on_which_the_rows_of_a_claim_disagree(disagreeing):
    ((_, caption, figure, _),) = of_study(read_results(disagreeing))
    assert caption.startswith("DDA and center predict different classes for 2 of 2 samples: the 2 whose predicted")
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words[1:] == ["fear (0.10, 0.00)", "anger (0.20, 0.00)"]
    assert words[0] in ("fear (0.50, -0.50)", "anger (0.50, -0.50)")
    assert figure.axes[0].images[0].get_array().shape[:2] == (48, 48)
    assert figure.axes[2].get_title() == "0.10 apart"


def test_images_of_another_store_are_not_shown(disagreeing):
    run = cell_of(disagreeing, "DDA").run
    content = json.loads(run.metrics.read_text())
    content["data"]["fingerprint"] = "of another"
    reseal(run.path, **content)
    assert of_study(read_results(disagreeing)) == []
