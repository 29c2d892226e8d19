"""Which figures a run gets: those that its labels, its predictions and its network give, and no others."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from fercli.config import compose
from fercli.engine.classifier import Classifier
from fercli.engine.reevaluation import Reevaluation
from fercli.engine.training import train
from fercli.figures import affect_errors, attention, classes, embeddings, score_similarity
from fercli.figures.run import figures_of_run
from fercli.pages.run import write_report

OF_ALL = {"features", "affect_plane", "affect_counts", "class_counts", "class_samples", "augmentation"}
OF_ALL |= {"augmentation_alone", "training_samples", "training_affect"}
OF_CLASSES = {"confusion_matrix", "class_recall", "cmc", "samples", "reliability", "age", "grad_cam"}
OF_CLASSES |= {"votes_entropy"}
OF_AFFECT = {"affect_prediction", "affect_samples"}
OF_SCORES = {"score_prediction", "severity_confusion", "severity_errors", "score_features", "similarity_by_gap"}
OF_SCORES |= {"grad_cam", "augmentation"}
OF_SCORES |= {"bland_altman", "screening_calibration", "screening_curves", "screening_decision"}
OF_GRAPH = {"graph_edges", "graph_heat", "graph_sampling", "grad_cam_context"}
OF_GATES = {"patches", "gates", "gates_by_severity"}
OF_METHODS = {"classifier_cosines", "adjacency", "class_weights", "attention", "focal_loss", "density_field"}
OF_METHODS |= {"retrieval_cmc", "label_distributions", "pair_similarity"}
OF_OTHERS = {"training_curves", "groups", "masks", "monitor_alerts", "score_bands"}  # of runs that are not trained here
NAMED = OF_OTHERS | OF_ALL | OF_CLASSES | OF_AFFECT | OF_SCORES | OF_GRAPH | OF_GATES | OF_METHODS
OTHER_TESTS = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__))

RESNET = ["backbone=timm", "backbone.name=test_resnet", "augment.size=32"]
SCENES = ["augment.size=32"]
PATCHES = ["backbone.width=2", "head.hidden=8", "augment.size=64"]
CLIPS = ["backbone.width=2", "backbone.dim=8", "augment.size=32", "trainer.batch_size=4", "sampler.num_samples=1"]


@pytest.fixture(scope="module")
def runs(faces, recordings, tmp_path_factory):
    """The runs of this file, by data set and overrides: what is trained in the same way, is trained once."""
    stores, found = {"synthetic": faces, "synthetic_depression": recordings}, {}

    def run_of(data, *overrides):
        if (data, overrides) not in found:
            shared = [f"data={data}", f"store={stores[data]}", f"runs={tmp_path_factory.mktemp('runs')}"]
            shared += ["trainer.max_epochs=1", "trainer.accelerator=cpu", "logger=none", "selection=last"]
            shared += ["num_train_rows=40"]
            found[data, overrides] = train(compose("train", [*shared, *overrides]), [])
        return found[data, overrides]

    return run_of


@pytest.fixture
def trained(runs):
    """Of a data set and further overrides: a run that was trained for an epoch, and its evaluation."""

    def train_and_evaluate(data, *overrides):
        run = runs(data, *overrides)
        return run, Reevaluation.prepared(run).evaluate()

    return train_and_evaluate


@pytest.fixture
def drawn(trained):
    """Of the same: the figures by name, and the evaluation."""

    def train_and_draw(data, *overrides):
        _, evaluated = trained(data, *overrides)
        return {name: figure for _, (name, _, figure, _) in figures_of_run(evaluated)}, evaluated

    return train_and_draw


def named_here(drawn):
    """The figures that this file names. Each other one is named in a test of its own, which says when it is drawn."""
    untested = [name for name in drawn - NAMED if f'"{name}"' not in OTHER_TESTS]
    assert untested == [], "a test in tests/figures says which runs get this figure"
    return drawn & NAMED


@pytest.fixture
def page_of(monkeypatch):
    """Write the page of an evaluation; give the names of all figures that are drawn, and the page.

    Figures in `left_out` stand on another page that a test writes. They are drawn, but not written: PNG and SVG take
    most of the time.
    """

    def write(evaluated, left_out=frozenset()):
        figures = list(figures_of_run(evaluated))
        kept = [(section, drawn) for section, drawn in figures if drawn.name not in left_out]
        monkeypatch.setattr("fercli.pages.run.figures_of_run", lambda *given: iter(kept))
        page = write_report(evaluated)
        written = {path.stem for path in (page.parent / "figures").glob("*")}
        assert written == {drawn.name for _, drawn in kept}
        assert page.read_text().count("<figure") == len(kept)
        return {drawn.name for _, drawn in figures}, page

    return write


OF_EMOTION_GCN = OF_CLASSES | OF_AFFECT | {"classifier_cosines", "adjacency", "class_weights"}


@pytest.mark.parametrize(
    ("method", "overrides", "expected"),
    [
        ("emotion_gcn", [], OF_EMOTION_GCN),
        ("dacl", ["head.widths=[16,8,4]"], OF_CLASSES | {"classifier_cosines", "attention"}),
        ("affect_regression", [], OF_AFFECT | {"classifier_cosines"}),
        ("focal", [], OF_CLASSES | {"classifier_cosines", "focal_loss"}),
    ],
)
def test_figures(trained, page_of, method, overrides, expected):
    _, evaluated = trained("synthetic", f"method={method}", *RESNET, *overrides)
    drawn, page = page_of(evaluated, left_out=set() if method == "emotion_gcn" else OF_ALL | OF_EMOTION_GCN)
    assert named_here(drawn) == OF_ALL | expected
    content = page.read_text()
    assert r"\math" not in content, "figures show names as they are, so nothing renders a formula"
    assert ("Attention weights: " in content) == (method == "dacl")


def test_no_heat_is_drawn_of_a_classifier(trained):
    run, _ = trained("synthetic", "method=focal", "backbone=lenets", "augment.size=16")
    fitted = Reevaluation.prepared(run, classifier=Classifier.named("linear_svm")).evaluate()
    names = {drawn.name for _, drawn in figures_of_run(fitted)}
    assert {"confusion_matrix", "reliability"} <= names
    assert "grad_cam" not in names


def test_scores_that_are_read_from_an_embedding_have_a_page(trained, page_of):
    embedding = ["method=dj_ldml", "loss=[label_aware_histogram]", "head=embedding", *CLIPS]
    run, evaluated = trained("synthetic_depression", *embedding)
    assert evaluated.result["metrics"] == {}
    shown, _ = page_of(evaluated)
    fitted = Reevaluation.prepared(run, classifier=Classifier.named("nearest_scores")).evaluate()
    assert {"rmse", "mae"} <= set(fitted.result["metrics"])
    assert set(fitted.result["constant_predictor"]) == {"mean", "median"}
    drawn, page = page_of(fitted, left_out=shown)
    assert "for everybody" in page.read_text()
    assert {"score_prediction", "severity_confusion", "severity_errors"} <= drawn - shown
    assert "grad_cam" not in drawn


DACL = ["method=dacl", "head.widths=[16,8,4]", "backbone=lenets", "augment.size=16"]


def figure_of(evaluated, module, name):
    """The caption and the figure of this name; figures of other modules are not drawn."""
    return next((caption, figure) for found, caption, figure, _ in module.of_run(evaluated) if found == name)


def marked_classes(evaluated):
    """The classes with a dagger, and whether the caption speaks of daggers."""
    caption, figure = figure_of(evaluated, classes, "confusion_matrix")
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    return {label.removesuffix(" †") for label in labels if label.endswith(" †")}, "dagger" in caption


def test_rare_is_what_is_rare_in_training(trained):
    _, evaluated = trained("synthetic", *DACL)
    assert marked_classes(evaluated) == (set(), False)
    counts = evaluated.data.store.meta["counts"]
    counts["train"] = {name: 10 if name == "disgust" else 900 for name in counts["train"]}
    assert marked_classes(evaluated) == ({"disgust"}, True)


def test_rare_is_what_the_metric_of_rare_classes_names(trained):
    _, evaluated = trained("synthetic", *DACL, "metrics=[expression,minority]")
    assert marked_classes(evaluated) == ({"fear", "disgust"}, True)


def test_a_metric_of_one_class_names_no_rare_class(trained):
    _, evaluated = trained("synthetic", *DACL, "metrics=[expression,recall_by_class]")
    assert marked_classes(evaluated) == (set(), False)


def test_attention_is_shown_of_two_neutral_and_three_surprised_faces(trained):
    _, evaluated = trained("synthetic", *DACL)
    _, figure = figure_of(evaluated, attention, "attention")
    titles = [axes.get_title() or axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["neutral 1", "neutral 2", "surprise 1", "surprise 2", "surprise 3"]


def test_attention_of_other_classes_is_shown_of_the_two_most_frequent_in_training(trained):
    _, evaluated = trained("synthetic", *DACL)
    names = ("a", "b", "c", "d", "e", "f", "g", "h")
    counts = {name: 1 + 5 * (name in "bf") for name in names}
    evaluated.data.store.meta["counts"] = {"train": counts, "test": counts}
    evaluated.data.store.meta["classes"] = names
    renamed = replace(evaluated, evaluation=replace(evaluated.evaluation, classes=names))
    caption, _ = figure_of(renamed, attention, "attention")
    assert caption.endswith("of b and f")


def test_images_without_valence_and_arousal_are_left_out_and_counted(trained):
    _, evaluated = trained("synthetic", "method=multitask_affect", "backbone=lenets", "augment.size=16")
    evaluated.evaluation.columns["arousal"][:2] = np.nan
    caption, figure = figure_of(evaluated, affect_errors, "affect_prediction")
    assert caption == "Predicted against true values; 2 images without a label left out"
    assert not any("nan" in axes.get_title(loc="left") for axes in figure.axes)


def test_umap_shows_each_center_of_classes_with_several(trained, monkeypatch):
    places = []
    monkeypatch.setattr("fercli.figures.run.SECTIONS", {"Embedding": (embeddings,)})
    monkeypatch.setattr("fercli.figures.embeddings.umap_figure", lambda *given: places.append(given[3]) or Figure())
    losses = ["loss=[cross_entropy,local_subclass]", "center_bank=subclass", "center_bank.per_class=3"]
    _, evaluated = trained("synthetic", *DACL[2:], "backbone.dim=4", *losses)
    (features,) = (drawn for _, drawn in figures_of_run(evaluated, "umap") if drawn.name == "features")
    assert features.caption.endswith("; squares are the class centers")
    assert places[0].shape == (8, 3, 4)


def test_figures_of_a_face_and_its_scene(drawn):
    figures, _ = drawn("synthetic", "method=cmgcn_emotion", *SCENES, "loss=[cross_entropy,density]")
    assert named_here(set(figures)) == OF_ALL | OF_CLASSES | OF_GRAPH | {"classifier_cosines", "density_field"}


def test_figures_of_retrieval(drawn):
    monitor, small = "selection.monitor=recall_at_1", ["backbone=lenets", "augment.size=16"]
    figures, evaluated = drawn(
        "synthetic", "method=retrieval", *small, "trainer.batch_size=40", "sampler.num_samples=5", monitor
    )
    assert named_here(set(figures)) == OF_ALL | {"retrieval_cmc", "density_field"}
    curve, metrics = figures["retrieval_cmc"].axes[0].lines[0].get_ydata(), evaluated.evaluation.metrics
    assert [curve[k - 1] for k in (1, 8)] == [metrics[f"recall_at_{k}"]["value"] for k in (1, 8)]


@pytest.mark.parametrize(
    ("method", "overrides", "expected"),
    [
        ("dlga_cnn", PATCHES, OF_GATES),  # flips alone: nothing to show apart
        ("ga_cnn", PATCHES, set()),  # one gate of the whole, no patches
        ("cmgcn_depression", SCENES, OF_GRAPH | {"label_distributions", "augmentation_alone"}),
    ],
)
def test_figures_of_scores(drawn, method, overrides, expected):
    figures, evaluated = drawn("synthetic_depression", f"method={method}", *overrides)
    assert named_here(set(figures)) == OF_SCORES | expected
    scatter, metrics = figures["score_prediction"].axes[0], evaluated.evaluation.metrics
    errors = f"MAE {metrics['mae']['value']:.2f}, RMSE {metrics['rmse']['value']:.2f}"
    num_videos = len(set(evaluated.evaluation.columns["video"]))
    assert scatter.get_title(loc="left") == f"{errors}, {num_videos} recordings"
    assert set(scatter.lines[-1].get_ydata()) == {evaluated.result["constant_predictor"]["mean"]["score"]}


def test_targets_of_label_distributions_are_those_of_the_loss(drawn):
    figures, evaluated = drawn("synthetic_depression", "method=dj_ldml", *CLIPS, "loss.score_kl.loss.sigma=5")
    assert named_here(set(figures)) == OF_SCORES | {"label_distributions", "augmentation_alone"}
    columns, panel = evaluated.evaluation.columns, figures["label_distributions"].axes[0]
    name, _, shown = panel.get_title(loc="left").partition(": ")
    rows = columns["video"] == name
    score = columns["score"].min()
    assert set(columns["score"][rows]) == {score}
    assert shown.startswith(f"{score:g}, predicted ")
    weight = np.exp(-((np.arange(64) - score) ** 2) / 50)
    target = panel.collections[0].get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose(target.max(), (weight / weight.sum()).max(), rtol=1e-6)
    np.testing.assert_allclose(panel.lines[0].get_ydata(), columns["score_probabilities"][rows].mean(0))


def test_pairs_of_equal_scores_are_compared_where_there_are_any(drawn):
    figures, evaluated = drawn("synthetic_depression", "method=clip_regression", *CLIPS, "optimizer.lr=0.0001")
    columns = evaluated.evaluation.columns
    columns["score"] = np.where(columns["score"] < 20, 10.0, 30.0)
    assert named_here(set(figures)) == OF_SCORES | {"augmentation_alone"}
    (figure,) = (figure for name, _, figure, _ in score_similarity.of_run(evaluated) if name == "pair_similarity")
    apart = columns["session"][:, None] != columns["session"]
    num_equal = ((columns["score"][:, None] == columns["score"]) & apart).sum() // 2
    before, after = figure.axes
    assert [axes.get_title(loc="left") for axes in (before, after)] == ["untrained", "test"]
    assert after.get_legend().get_texts()[0].get_text() == f"equal scores: {num_equal:,}"
