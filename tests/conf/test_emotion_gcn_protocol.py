"""What Antoniadis 2021 does on Aff-Wild2, as the experiment and the studies have it (gap G22)."""

import pytest
import yaml

from fercli.catalog import CONF
from fercli.config import compose
from fercli.studies.study import study_from

EXPERIMENT = "experiment=emotion_gcn/aff_wild2"
STUDIES = ("emotion_gcn/table_6_1_aff_wild2", "emotion_gcn/table_6_3_aff_wild2")
TRAININGS = [
    pytest.param([*study.base, *row.overrides], id=f"{name}: {row.label}")
    for name in STUDIES
    for study in [study_from(name, yaml.safe_load((CONF / f"study/{name}.yaml").read_text()))]
    for row in study.trained
]


@pytest.mark.parametrize("overrides", [pytest.param([EXPERIMENT], id="experiment"), *TRAININGS])
def test_no_class_is_weighed(overrides):
    assert "weighted_cross_entropy" not in compose("train", overrides).loss


@pytest.mark.parametrize("method", [[], ["method=multitask_affect"], ["method=emotion_gcn"]])
def test_both_kinds_of_labels_are_evaluated_whatever_the_method(method):
    cfg = compose("train", [EXPERIMENT, *method])
    assert {"accuracy", "macro_f1", "total_evaluation_metric"} < cfg.metrics.keys()  # side by side, as G22 has it
    assert {f"{name}_valence" for name in ("ccc", "pcc", "rmse", "sagr")} < cfg.metrics.keys()
    assert cfg.selection.monitor == "total_evaluation_metric"


def test_a_method_keeps_its_own_losses():
    assert [*compose("train", [EXPERIMENT, "method=dda"]).loss] == ["cross_entropy", "center", "dda"]
