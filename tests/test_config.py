"""Wrong overrides become one sentence that names the nearest choice; right ones become objects."""

import pytest
import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from torch import nn

from fercli.config import compose, instantiate, load, plain, require, save, text, unresolved
from fercli.errors import ConfigError


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["method=ddaa"], r"no method named 'ddaa'; did you mean 'dda'\? the nearest of \d+ choices: dda, "),
        (["loss=[centre]"], r"no loss named 'centre'; did you mean 'center'\? the nearest of \d+ choices: center, "),
        (["experiment=nothing"], r"no experiment named 'nothing'; .*; `fercli list experiment` shows all"),
        (["methodd=dda"], r"no option named 'methodd' in train; did you mean 'method'\? the nearest of .*: method, "),
        (["trainer.max_epoch=3"], r"no option named 'trainer.max_epoch'.*did you mean 'max_epochs'\?"),
        (["passer.store=x"], "it belongs to one of passer=mean, passer=none, of which none is chosen"),
        (["data=wmnist", "data.reader.counts={0: 10}"], r"cannot replace 'data.reader.counts' .* entries 0, 1, 2"),
        (["loss.dda.weight=3"], r"no option named 'loss.dda.weight' in train; loss=dda is not chosen$"),
        (["loss.ddaa.weight=3"], r"there is no loss.ddaa: did you mean 'dda'\?"),
        (["optimzer.lr=3"], r"no option named 'optimzer.lr' .* has no 'optimzer': did you mean 'optimizer'\?"),
        (["method=dda", "loss.dda.wieght=3"], r"did you mean 'weight'\? choices: loss, weight$"),
        (["loss=focal", "loss.focal.gamma=1"], r"did you mean loss\.focal\.loss\.gamma\?$"),
        (["backbone=lenets", "backbone.weights=x"], r"choices: channels, dim, size$"),
        (["=3"], "Config group override must be a string"),
        (["method"], "cannot read the override 'method'; expected key=value"),
        (
            ["seed=[1"],
            r"""cannot read the override 'seed=\[1'; write a value with special characters as "seed='\[1'\"""",
        ),
    ],
)
def test_a_wrong_override_is_one_sentence(overrides, message):
    with pytest.raises(ConfigError, match=message) as error:
        compose("train", overrides)
    assert "\n" not in str(error.value)


def test_a_choice_in_a_folder_that_was_not_named_is_pointed_to(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours" / "loss").mkdir(parents=True)
    (tmp_path / "ours" / "loss" / "mine.yaml").write_text("mine: {weight: 7}\n")
    with pytest.raises(ConfigError, match=r"no loss named 'mine'; ours/loss/mine\.yaml is one: add --config-dir ours$"):
        compose("train", ["loss=[mine]"])


def test_a_group_that_must_be_chosen_is_asked_for():
    with pytest.raises(ConfigError, match="data"):
        compose("preprocess")


def test_choices_are_kept_beside_the_configuration():
    cfg = compose("train", ["method=dda", "backbone=lenets"])
    assert cfg.choices.method == "dda"
    assert cfg.choices.backbone == "lenets"
    assert list(cfg.loss) == ["cross_entropy", "center", "dda"]
    assert "hydra" not in cfg


def test_a_user_adds_choices_in_a_folder_of_their_own(tmp_path):
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "own.yaml").write_text("own: {weight: 7}\n")
    assert compose("train", ["loss=[own]"], [tmp_path]).loss.own.weight == 7
    with pytest.raises(ConfigError, match="no loss named 'own'"):
        compose("train", ["loss=[own]"])
    with pytest.raises(ConfigError, match=r"no loss named 'onw'; did you mean 'own'\? the nearest of .*: own"):
        compose("train", ["loss=[onw]"], [tmp_path])


def test_a_file_of_the_user_that_is_no_yaml_is_named_with_the_line(tmp_path):
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "own.yaml").write_text("own:\n\tweight: 7\n")
    with pytest.raises(ConfigError, match=r"^line 2 of .*own.yaml is no yaml: .*; indent with spaces$") as error:
        compose("train", ["loss=[own]"], [tmp_path])
    assert "\n" not in str(error.value)


def test_what_has_no_value_is_asked_for():
    cfg = compose("train")
    with pytest.raises(ConfigError, match=r"no value for store; add store=<the folder that fercli preprocess writes>"):
        require(cfg, "store", "seed")
    require(compose("train", ["store=s"]), "store", "seed")


def test_interpolations_are_resolved_or_kept():
    cfg = compose("train", ["seed=3", "center_bank=he"])
    cfg.sizes = {"num_classes": 8, "dim": 2, "feature_dim": 2, "num_steps": 10, "steps_per_epoch": 5}
    assert plain(cfg)["center_bank"]["seed"] == 3
    assert unresolved(cfg)["center_bank"]["seed"] == "${seed}"
    assert yaml.safe_load(text(cfg))["center_bank"]["seed"] == "${seed}"


def test_an_interpolation_without_value_is_one_message():
    with pytest.raises(ConfigError, match=r"sizes.dim") as error:
        plain(compose("train", ["center_bank=he"]))
    assert "\n" not in str(error.value)


def test_objects_are_built_from_their_target():
    layer = instantiate({"_target_": "torch.nn.Linear", "in_features": 2, "out_features": 3})
    assert isinstance(layer, nn.Linear)
    with pytest.raises(ConfigError, match="in_featurs"):
        instantiate({"_target_": "torch.nn.Linear", "in_featurs": 2})
    with pytest.raises(ConfigError, match=r"torch.nn.Linnear"):
        instantiate({"_target_": "torch.nn.Linnear"})


def test_a_function_without_partial_is_told_what_it_lacks():
    with pytest.raises(ConfigError, match=r"^torch.nn.functional.cross_entropy refuses .*; .* write _partial_: true"):
        instantiate({"_target_": "torch.nn.functional.cross_entropy"})
    with pytest.raises(ConfigError, match=r"^torch.nn.modules.linear.Linear refuses its options: [^;]*$"):
        instantiate({"_target_": "torch.nn.Linear"})


def test_a_module_that_python_does_not_find_is_named_with_what_to_do():
    with pytest.raises(ConfigError, match=r"no module is named 'nobodys_losses'.* export PYTHONPATH=<folder>"):
        instantiate({"penalty": {"_target_": "nobodys_losses.Penalty"}})


def test_a_class_that_its_module_does_not_have_is_named():
    with pytest.raises(
        ConfigError, match=r"at fercli\.losses\.objective\.Tern, the _target_ of loss; found none"
    ) as raised:
        instantiate({"loss": {"_target_": "fercli.losses.objective.Tern"}})
    assert "PYTHONPATH" not in str(raised.value)
    assert "HYDRA" not in str(raised.value)


def test_building_leaves_the_configuration_as_it_is():
    # What it says is the identity of a run, also where a node refers to another one.
    cfg = compose("train", ["method=cmgcn_emotion", "data=synthetic_context", "backbone=caer_encoder"])
    cfg.sizes = {"map": [256, 4, 4], "dim": 256, "num_classes": 7}
    before = unresolved(cfg)
    instantiate(cfg.method, _partial_=True)
    assert unresolved(cfg) == before


def test_parts_of_equal_content_share_nothing():
    part = OmegaConf.create({"_target_": "types.SimpleNamespace", "names": ["fear"], "counts": {"fear": 1}})
    first, second = instantiate(part), instantiate(part, more=2)
    first.names.append("anger")
    first.counts.fear = 5
    assert (second.names, second.counts, second.more) == (["fear"], {"fear": 1}, 2)
    assert part.names == instantiate(part).names == ["fear"]


def test_an_error_for_users_passes_through():
    with pytest.raises(ConfigError, match=r"^expected augment.resize of at least augment.size"):
        instantiate(compose("train", ["augment=ten_crop", "augment.resize=10"]).augment)


def test_a_configuration_is_read_back_as_it_was_saved(tmp_path):
    cfg = compose("train", ["optimizer=adamw"]).optimizer
    save(cfg, tmp_path / "config.yaml")
    assert load(tmp_path / "config.yaml") == cfg


def test_a_configuration_that_runs_foreign_code_is_refused_unless_trusted(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"head": {"layers": [{"_target_": "torch.nn.Linear"}, {"_target_": "os.system"}]}}))
    message = "outside the parts that fercli builds experiments from: os.system. If you know .*--trust-config"
    with pytest.raises(ConfigError, match=message):
        load(path)
    assert load(path, trust=True).head.layers[1]._target_ == "os.system"


def test_a_configuration_whose_target_is_gone_is_read_without_a_word(tmp_path, caplog):
    """What builds it says in one message what is missing."""
    save(OmegaConf.create({"loss": {"_target_": "fercli.losses.objective.Tern"}}), tmp_path / "config.yaml")
    assert load(tmp_path / "config.yaml").loss._target_.endswith("Tern")
    assert caplog.records == []


def test_what_is_read_back_says_nothing_else_later(tmp_path):
    """A target that depends on another key could be changed between the look and the building."""
    path = tmp_path / "config.yaml"
    path.write_text("name: Linear\nhead: {_target_: 'torch.nn.${name}'}\n")
    with pytest.raises(ConfigError, match=r"asks to run code .*torch.nn.\$\{name\}"):
        load(path)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(st.sampled_from("\\'\"${}a =,[]:~#(ä\u202e\x1b"), max_size=9).filter(
        lambda name: name not in ("", "null", "???")
    )
)
@example("größe")
@example("2024")
@example("${oc.env:HOME}")
@example("${oc.create:{_target_:os.system,command:ls}}")
def test_a_path_stays_as_it_is_whatever_is_in_it(name):
    assume(not (len(name) > 1 and name[0] == name[-1] and name[0] in "'\""))
    assert compose("preprocess", ["data=folder", f"raw={name}"]).raw == name


def test_text_that_is_resolved_once_is_not_resolved_again():
    cfg = OmegaConf.create({"part": {"_target_": "builtins.dict", "word": r"\${oc.env:HOME}"}})
    with pytest.raises(ConfigError, match=r"found what looks like an interpolation: \$\{oc.env:HOME\}"):
        instantiate(cfg.part)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("head: [", "line 1 of .*config.yaml is no yaml"),
        ("[1, 2]", "expected keys with values, found a list"),
        ("a: &x [1]\nb: *x\n", "it refers to another part of itself"),
        ("\xff\xfe", "expected keys with values, found a str"),
        ("a: " + "[" * 5000, "expected yaml, found content that refers to itself, or is nested too deep"),
        ("1: 2", "expected keys with values"),
    ],
)
def test_a_damaged_configuration_is_one_sentence(tmp_path, content, message):
    (tmp_path / "config.yaml").write_text(content)
    with pytest.raises(ConfigError, match=f"config.yaml is damaged: {message}") as error:
        load(tmp_path / "config.yaml")
    assert "\n" not in str(error.value)


def test_a_folder_of_ones_own_that_hides_an_option_is_named(tmp_path):
    """Hydra takes `runs=...` for a choice of a group as soon as a folder of that name lies among the yaml files."""
    (tmp_path / "runs").mkdir()
    with pytest.raises(ConfigError, match=f"the folder {tmp_path / 'runs'} hides the option 'runs' of train"):
        compose("train", ["runs=elsewhere"], [tmp_path])
