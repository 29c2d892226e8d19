"""The tables of options say what the yaml files say."""

import re

import pytest
import yaml

from fercli.catalog import COMMANDS, CONF, choices, group_names
from fercli.docstrings import arguments
from fercli.errors import ConfigError
from fercli.yaml_options import read

ALL = [(group, name) for group in group_names() if group != "study" for name in choices(group)]


def leaves(node, path=()):
    for key, value in node.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, str(key))


def wrong_keys(group, name):
    """Options without a key in the file, and keys of the file without an option."""
    text = (CONF / group / f"{name}.yaml").read_text()
    loaded = {key: value for key, value in (yaml.safe_load(text) or {}).items() if key != "defaults"}
    keys = {".".join(path) for path in leaves(loaded)}
    prefix = "" if "@package _global_" in text else f"{group}."
    options = {option.key.removeprefix(prefix): option.default for option in read(group, name).options}
    above = {key[:place] for key in keys for place, sign in enumerate(key) if sign == "."}
    inline = [key for key, default in options.items() if default.startswith("{")]
    missing = [key for key in keys if key not in options and not key.endswith(("_target_", "_partial_"))]
    lost = [key for key in missing if not any(key.startswith(f"{whole}.") for whole in inline)]
    return [*(set(options) - keys - above), *lost]


def test_every_key_is_an_option():
    found = {f"{group}={name}": wrong_keys(group, name) for group, name in ALL}
    assert len(found) > 200
    assert {choice: keys for choice, keys in found.items() if keys} == {}


def lost_comments(group, name):
    """Comments beside keys of the file that no option shows."""
    lines = (CONF / group / f"{name}.yaml").read_text().splitlines()
    beside = [re.search(r"\s#\s?(.*)$", line) for line in lines if re.match(r"\s*(?!_target_|_partial_)[\w.]+:", line)]
    wanted = [found[1].strip() for found in beside if found]
    shown = [option.comment for option in read(group, name).options]
    return [comment for comment in wanted if not any(comment in text for text in shown)]


def test_no_comment_is_lost():
    found = {f"{group}={name}": lost_comments(group, name) for group, name in ALL}
    assert {choice: comments for choice, comments in found.items() if comments} == {}


@pytest.mark.parametrize("group", ["", *(name for name in group_names() if name not in ("study", "experiment"))])
def test_every_option_says_what_it_means(group):
    silent = []
    for name in choices(group) if group else COMMANDS:
        found = read(group, name).options
        said = [option.key for option in found if option.comment]
        silent += [option.key for option in found if not any(option.key.startswith(key) for key in said)]
    assert silent == []


def test_a_key_without_a_comment_means_what_its_class_or_the_same_key_elsewhere_says():
    loss = {option.key: option.comment for option in read("loss", "cross_entropy").options}
    assert loss["loss.cross_entropy.weight"] == arguments("fercli.losses.objective.Term")["weight"]
    last = {option.key: option.comment for option in read("selection", "last").options}
    assert last["selection.monitor"] == "key of the metric that chooses the epoch"
    parts = {option.key: option.comment for option in read("loss", "soft_triple").options}
    assert parts["loss.soft_triple.loss.num_classes"] == "that of sizes.num_classes"


def test_a_yaml_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "one.yaml").write_text("one: [")
    with pytest.raises(ConfigError, match=r"one\.yaml is damaged: expected a yaml file"):
        read("loss", "one", tmp_path)


def test_an_option_with_comments_above_beside_and_below(tmp_path):
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "one.yaml").write_text(
        "# What it is\none:\n  _target_: fercli.losses.dda.DDALoss\n  # why so\n  weight: 5.0    # of the term,\n"
        "                 # at most 10\n  reads: [feature, expression]\n"
    )
    choice = read("loss", "one", tmp_path)
    assert (choice.about, choice.builds) == ("What it is", ["fercli.losses.dda.DDALoss"])
    assert [(option.key, option.default, option.comment) for option in choice.options] == [
        ("loss.one.weight", "5.0", "why so of the term, at most 10"),
        ("loss.one.reads", "[feature, expression]", arguments("fercli.losses.objective.Term")["reads"]),
    ]
