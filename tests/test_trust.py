"""A run folder that somebody sent must not be able to do more than an experiment does."""

import subprocess

import pytest
import yaml
from hydra.utils import get_object

from fercli.catalog import CONF, groups
from fercli.config import instantiate, load
from fercli.errors import ConfigError
from fercli.trust import foreign_code, is_trusted


def targets(node):
    """Every `_target_` of a yaml file."""
    if isinstance(node, list):
        return [target for value in node for target in targets(value)]
    if not isinstance(node, dict):
        return []
    return [node.get("_target_"), *(target for value in node.values() for target in targets(value))]


def test_what_the_yaml_files_of_a_training_name_is_trusted():
    files = [path for group in groups("train") for path in (CONF / group).rglob("*.yaml")]
    of_train = {target for path in files for target in targets(yaml.safe_load(path.read_text()))} - {None}
    assert len(of_train) > 100
    assert [target for target in of_train if not callable(get_object(target))] == []
    assert [target for target in of_train if not is_trusted(target, get_object)] == []


@pytest.mark.parametrize(
    "target",
    [
        *("os.system", "builtins.eval", "subprocess.run", "importlib.import_module", "torch.hub.load", "torch.load"),
        *("hydra.utils.call", "pytorch_lightning.Trainer", "timm.create_model", "torchvision.datasets.MNIST"),
        "torchevil.nn.Linear",
        "torch.nn.Linear ",
        "fercli.runs.provenance.subprocess.run",  # imported there
        "fercli.backbones.torchvision.torch.hub.load",
        "torch.nn.Module.eval.__globals__",
        "torch.nn.Module.load_state_dict",  # a method
        "torch.nn.init.normal_",
        "fercli.losses.density.DensityLoss.forward",
        "fercli.launch.queue.slurm",  # starts a process
        "fercli.launch.script.Script",
        "fercli.preprocess.pipeline.preprocess",  # writes files
        "fercli.backbones.weights.load_file",  # a function of a package whose classes are trusted
        "fercli.config.load",
        "pytorch_metric_learning.datasets.CUB",  # downloads an archive and unpacks it
        "pytorch_lightning.loggers.tensorboard.os.makedirs",
    ],
)
def test_anything_else_is_not(target):
    assert not is_trusted(target, get_object)


@pytest.mark.parametrize("target", ["torch.nn.Linnear", "fercli.heads.gone.Head"])
def test_what_is_not_there_cannot_be_run_and_is_left_to_the_builder(target):
    assert is_trusted(target, get_object)
    with pytest.raises(ConfigError, match=target.split(".")[-2]):
        instantiate({"_target_": target})


def attack(path):
    """A saved configuration that starts a process, by the function of fercli that asks SLURM."""
    return {"_target_": "fercli.launch.queue.slurm", "command": ["touch", str(path)]}


def test_a_saved_configuration_cannot_start_a_process(tmp_path, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: pytest.fail("a process was started"))
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"head": {"inner": [attack(tmp_path / "evil")]}}))
    with pytest.raises(ConfigError, match=r"fercli.launch.queue.slurm.*--trust-config"):
        load(tmp_path / "config.yaml")


@pytest.mark.parametrize(
    "head",
    [
        {"_target_": "fercli.backbones.${oc.decode:torchvision}.torch.hub.load"},
        {"_target_": "torch.nn.Linear", "in_features": r"\${oc.create:{_target_: os.system, command: date}}"},
        {"_target_": r"fercli.heads.\${.name}", "name": "linear.torch.hub.load"},
        {r"\${name}": 1},
    ],
    ids=["resolved", "escaped node", "escaped name", "escaped key"],
)
def test_what_is_resolved_later_cannot_hide_a_target(tmp_path, head):
    """Hydra resolves once more when it builds: an escaped interpolation would be read then."""
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"head": head}))
    with pytest.raises(ConfigError, match="outside the parts that fercli builds experiments from"):
        load(tmp_path / "config.yaml")


def test_each_is_named_once():
    node = {"_target_": "os.system"}
    assert foreign_code({"a": node, "b": [node, {"_target_": "builtins.eval"}]}, get_object) == [
        "builtins.eval",
        "os.system",
    ]
