import pytest

from fercli.catalog import choices
from fercli.config import compose
from fercli.tasks import TASKS, task

# One metric of each group of metrics that names a task.
KEYS = {"expression": "accuracy", "affect": "ccc_valence", "depression": "mae", "retrieval": "recall_at_1"}


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("softmax", "expressions from images"),
        ("multitask_affect", "expressions, valence and arousal from images"),
        ("cmgcn_emotion", "expressions from images with their scene"),
        ("cmgcn_depression", "severity from images with their scene"),
        ("lga_cnn", "severity from images"),
        ("dj_ldml", "severity from clips"),
        ("retrieval", "embedding from images"),
    ],
)
def test_task_and_input(method, said):
    assert task(method) == said


@pytest.mark.slow
def test_every_method_says_what_its_composed_configuration_says():
    for method in choices("method"):
        cfg = compose("train", [f"method={method}"])
        tasks = [word for name, word in TASKS.items() if KEYS[name] in cfg.metrics]
        given = "clips" if cfg.inputs.clip else "images with their scene" if cfg.inputs.context else "images"
        assert task(method) == f"{', '.join(tasks)} from {given}"
