"""A configuration is what Hydra composes of all overrides at once, and belongs to who asked for it."""

import hydra
import pytest
from hydra import initialize_config_dir
from hydra._internal.config_repository import ConfigRepository
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from fercli import composition
from fercli.catalog import CONF, choices
from fercli.composition import by_hydra, composed
from tests.packaged_studies import packaged_studies

pytestmark = pytest.mark.slow  # composes all studies, twice


def row_of(study):
    """What the last trained row of a study is composed of."""
    return [f"data={study.data}", "budget=full", *study.base, *study.trained[-1].overrides, "seed=2", "store=a"]


# A study across corpora names no rows, and one that only measures time no data set.
STUDIES = [study for study in packaged_studies().values() if study.trained and study.data in choices("data")]
WRITTEN = [
    [],
    ["method=dda", "loss.dda.weight=3", "optimizer.lr=1e-4"],
    ["loss.dda.weight=3", "method=dda"],
    ["seed=1", "seed=2", "method=dda", "method=center"],
    ["rates={head.attention: 0.5}", "method=dacl", "head.widths=[64,32,8]"],
    ["trainer={max_epochs: 7}", "trainer.max_epochs=8"],
    ["trainer.max_epochs=8", "trainer={max_epochs: 7}"],
    ["+head.new=[1,2]", "+head.other={a: 1}", "head.other.a=2", "+added='a b'", "store='x=${seed}'"],
    ["++seed=5", "++head.new=6", "method=dda", "~loss.dda"],
    ["~scheduler", "+selection.extra=null"],
]


def values_in(node):
    """What each key holds once its reference is followed, or why it cannot be: references depend on where a node is."""
    keys = range(len(node)) if OmegaConf.is_list(node) else list(node)
    return {key: value_of(node, key) for key in keys}


def value_of(node, key):
    try:
        value = node[key]
    except OmegaConfBaseException as error:
        return type(error).__name__
    return values_in(value) if OmegaConf.is_config(value) else value


@pytest.mark.parametrize("overrides", [*WRITTEN, *map(row_of, STUDIES[::8])], ids=str)
def test_it_is_what_hydra_composes(overrides):
    expected, chosen = by_hydra("train", overrides)
    for _ in range(2):
        found, choices_found = composed("train", overrides)
        assert OmegaConf.to_yaml(found) == OmegaConf.to_yaml(expected)  # also the order of keys
        assert found == expected
        assert values_in(found) == values_in(expected)
        assert choices_found == chosen
        assert OmegaConf.is_struct(found) == OmegaConf.is_struct(expected) is True


@pytest.mark.parametrize("overrides", [[], ["experiment=emotion_gcn/affectnet", "budget=smoke"], ["loss=[dda]"]])
def test_files_that_are_remembered_compose_to_what_hydra_composes(overrides):
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        expected = hydra.compose("train", overrides, return_hydra_config=True)
    chosen = {name: choice for name, choice in expected.hydra.runtime.choices.items() if "hydra/" not in name}
    with open_dict(expected):
        del expected["hydra"]
    for _ in range(2):
        found, choices_found = by_hydra("train", overrides)
        assert OmegaConf.to_yaml(found) == OmegaConf.to_yaml(expected)
        assert choices_found == chosen


@pytest.mark.parametrize("budget", ["full", "smoke"])
def test_a_list_of_defaults_may_refer_to_a_choice(tmp_path, budget):
    (tmp_path / "extra").mkdir()
    for name in ("full", "smoke"):
        (tmp_path / f"extra/{name}.yaml").write_text(f"of: {name}\n")
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment/mine.yaml").write_text("# @package _global_\ndefaults:\n  - /extra: ${budget}\n")
    overrides = ["experiment=mine", f"budget={budget}"]
    found, chosen = composed("train", overrides, [tmp_path])
    assert (found.extra.of, chosen["extra"]) == (budget, budget)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        assert hydra.compose("train", [*overrides, f"hydra.searchpath=[file://{tmp_path}]"]).extra == found.extra


def test_files_of_fercli_and_of_hydra_are_read_once(monkeypatch):
    by_hydra("train", ["method=dda"])
    asked, load = [], ConfigRepository.load_config
    monkeypatch.setattr(ConfigRepository, "load_config", lambda files, path: asked.append(path) or load(files, path))
    by_hydra("train", ["method=dda", "seed=3"])
    assert {path.rpartition("/")[2] for path in asked} <= {"None"}  # no file: no choice of that group


@pytest.mark.parametrize("wrong", ["sed=1", "+seed=1", "trainer.max_epoch=1", "method=ddda", "trainer@x=1", "seed=1,2"])
def test_what_hydra_refuses_is_refused_in_its_words(wrong):
    with pytest.raises(Exception) as expected:
        by_hydra("train", [wrong])
    with pytest.raises(type(expected.value)) as found:
        composed("train", [wrong])
    assert str(found.value) == str(expected.value)


def test_the_same_choices_are_composed_once():
    composition._pickled.cache_clear()
    for weight in (1, 2, 3):
        cfg, _ = composed("train", ["method=dda", f"loss.dda.weight={weight}", f"store=s{weight}"])
        assert (cfg.loss.dda.weight, cfg.store) == (weight, f"s{weight}")
    assert composition._pickled.cache_info().misses == 1


def test_who_changes_a_configuration_changes_that_of_nobody_else():
    changed, _ = composed("train", ["method=dda"])
    changed.loss.dda.weight = 1000
    changed.trainer.max_epochs = 1000
    again, _ = composed("train", ["method=dda"])
    assert 1000 not in (again.loss.dda.weight, again.trainer.max_epochs)


def test_files_of_the_user_are_read_again(tmp_path):
    (tmp_path / "loss").mkdir()
    for weight in (1, 2):
        (tmp_path / "loss" / "own.yaml").write_text(f"own: {{weight: {weight}}}\n")
        assert composed("train", ["loss=[own]"], [tmp_path])[0].loss.own.weight == weight


OWN = [["loss=[own]"], ["method=dda", "loss.dda.weight=3"], ["folder=own", "seed=1"], ["+mine=a", "loss=[own]"]]


@pytest.mark.parametrize("overrides", OWN, ids=str)
def test_files_of_the_user_compose_to_what_hydra_composes(tmp_path, overrides):
    """`mine` is a group that only the user has; `folder` is an option that no file has."""
    for name in ("loss/own", "mine/a", "mine/b", "method/dda"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.yaml").write_text("own: {weight: 1}\n")
    found, expected = (outcome(compose_it, "train", overrides, [tmp_path]) for compose_it in (composed, by_hydra))
    assert found == expected


ODD = {
    "empty": "",
    "a list": "- 1\n- 2\n",
    "a value to come": "own: ???\n",
    "nothing": "own: null\n",
    "nothing for a mapping": "# @package _global_\ntrainer: null\n",
    "a value for a mapping": "# @package _global_\noptimizer: 3\n",
    "a reference for a mapping": "# @package _global_\noptimizer: ${trainer}\n",
    "a reference to a neighbor": "own: {weight: 2, scale: '${.weight}'}\n",
    "a list for a list": "# @package _global_\nhead: {widths: [1]}\n",
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_odd_files_of_the_user_compose_to_what_hydra_composes(tmp_path, content):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/odd.yaml").write_text(content)
    overrides = ["method=dacl", "+mine=odd"]
    found, expected = (outcome(compose_it, "train", overrides, [tmp_path]) for compose_it in (composed, by_hydra))
    assert found == expected


def outcome(compose_it, *given):
    """What is composed, as yaml, its values, and the choices; or what is said against it."""
    try:
        cfg, chosen = compose_it(*given)
    except Exception as error:
        return type(error), str(error)
    return OmegaConf.to_yaml(cfg), values_in(cfg), chosen
