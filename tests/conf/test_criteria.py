"""By what an epoch is chosen: what each source says, or what fercli takes where the source chooses none."""

import pytest

from fercli.catalog import choices
from fercli.config import compose

# Of every experiment with its own method, or with the one that its studies have.
CRITERIA = {
    "crossmodal_gcn/avec2014": "rmse",  # one of the two metrics of its tables; the source does not say
    "crossmodal_gcn/caer": "clip_accuracy",  # clips are what is counted; the source does not say
    "crossmodal_gcn/caer_s": "accuracy",  # the metric of its tables; the source does not say
    **dict.fromkeys(
        (f"crossmodal_gcn/{name}" for name in ("cars", "cub", "in_shop", "online_products")), "recall_at_1"
    ),
    # D does not say. On the balanced validation set of AffectNet, its accuracy is mean class accuracy.
    "dda_dacl/affectnet": "mean_class_accuracy",
    "dda_dacl/affectnet_msceleb": "mean_class_accuracy",
    "dda_dacl/rafdb": "accuracy",
    "dda_dacl/rafdb_msceleb": "accuracy",
    "dda_dacl/wmnist": "accuracy",
    "dj_ldml/avec2013": "rmse",  # best development RMSE of videos
    "dj_ldml/avec2014": "rmse",
    "dlga_cnn/avec2013": "rmse",  # only where selection= is changed: the source stops by its training loss
    "dlga_cnn/avec2014": "rmse",
    "emotion_gcn/aff_wild2": "total_evaluation_metric",  # 0.67 F1 + 0.33 accuracy, by which the source compares
    "emotion_gcn/affectnet": "mean_class_accuracy",  # section 3.5
    "emotion_gcn/affectnet_bregnext": "mean_class_accuracy",
    "expression": "accuracy",
    "affect": "ccc_valence",
    "severity/frames": "rmse",
    "severity/clips": "rmse",
}


def test_every_experiment_has_a_criterion():
    assert set(CRITERIA) == set(choices("experiment"))


@pytest.mark.parametrize(("name", "criterion"), CRITERIA.items())
def test_the_epoch_is_chosen_by_the_criterion_of_the_source_which_is_measured(name, criterion):
    cfg = compose("train", [f"experiment={name}"])
    assert cfg.selection.monitor == criterion
    assert criterion in cfg.metrics
