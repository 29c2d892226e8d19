"""Which pictures a run gets: those that its labels, its predictions and its network give, and no others."""

import pytest

from fercli.config import compose
from fercli.experiment.evaluation import evaluate_run
from fercli.experiment.report import write_report
from fercli.experiment.training import train

OF_ALL = {"features", "affect_plane", "affect_counts", "class_counts"}
OF_CLASSES = {"confusion_matrix", "class_recall", "samples", "reliability", "age", "grad_cam"}
OF_AFFECT = {"affect_prediction", "affect_samples"}


@pytest.mark.parametrize(
    ("method", "overrides", "expected"),
    [
        ("emotion_gcn", [], OF_CLASSES | OF_AFFECT | {"classifier_cosines", "adjacency", "class_weights"}),
        ("dacl", ["head.widths=[16,8,4]"], OF_CLASSES | {"classifier_cosines", "attention"}),
        ("affect_regression", [], OF_AFFECT),
        ("focal", ["classifier=linear_svm"], OF_CLASSES | {"classifier_cosines", "focal_loss"}),
    ],
)
def test_pictures(faces, tmp_path, method, overrides, expected):
    shared = ["data=synthetic", f"store={faces}", f"runs={tmp_path}", "backbone=timm", "backbone.name=test_resnet"]
    shared += ["augment.size=96", "trainer.max_epochs=1", "trainer.accelerator=cpu", "logger=none", "selection=last"]
    run = train(compose("train", [f"method={method}", *shared, *overrides]), [])
    page = write_report(run, evaluate_run(run))
    drawn = {path.stem for path in (run.path / "figures").iterdir()}
    assert drawn == OF_ALL | expected
    content = page.read_text()
    assert content.count("<figure") == len(drawn)
    assert ("Attention weights: " in content) == (method == "dacl")
