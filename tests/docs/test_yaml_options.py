"""The tables of options say what the yaml files say."""

import re

import pytest
import yaml

from docs.book.options import group_names
from docs.book.yaml_options import read
from fercli.catalog import CONF, choices

ALL = [
    pytest.param(group, name, id=f"{group}={name}")
    for group in group_names()
    if group != "study"
    for name in choices(group)
]


def leaves(node, path=()):
    for key, value in node.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, str(key))


@pytest.mark.parametrize(("group", "name"), ALL)
def test_every_key_is_an_option(group, name):
    text = (CONF / group / f"{name}.yaml").read_text()
    loaded = {key: value for key, value in (yaml.safe_load(text) or {}).items() if key != "defaults"}
    keys = {".".join(path) for path in leaves(loaded)}
    prefix = "" if "@package _global_" in text else f"{group}."
    options = {option.key.removeprefix(prefix): option.default for option in read(group, name).options}
    above = {key[:place] for key in keys for place, sign in enumerate(key) if sign == "."}
    assert set(options) <= keys | above
    inline = [key for key, default in options.items() if default.startswith("{")]
    missing = [key for key in keys if key not in options and not key.endswith("_target_")]
    assert [key for key in missing if not any(key.startswith(f"{whole}.") for whole in inline)] == []


@pytest.mark.parametrize(("group", "name"), ALL)
def test_no_comment_is_lost(group, name):
    choice = read(group, name)
    lines = (CONF / group / f"{name}.yaml").read_text().splitlines()
    beside = [re.search(r"\s#\s?(.*)$", line) for line in lines if re.match(r"\s*(?!_target_)[\w.]+:", line)]
    wanted = [found[1].strip() for found in beside if found]
    shown = [option.comment for option in choice.options]
    assert [comment for comment in wanted if sum(comment in text for text in shown) == 0] == []


def test_an_option_with_comments_above_beside_and_below(tmp_path, monkeypatch):
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "one.yaml").write_text(
        "# What it is\none:\n  _target_: fercli.losses.dda.DDALoss\n  # why so\n  weight: 5.0    # of the term,\n"
        "                 # at most 10\n  reads: [feature, expression]\n"
    )
    monkeypatch.setattr("docs.book.yaml_options.CONF", tmp_path)
    choice = read("loss", "one")
    assert (choice.about, choice.builds) == ("What it is", ["fercli.losses.dda.DDALoss"])
    assert [(option.key, option.default, option.comment) for option in choice.options] == [
        ("loss.one.weight", "5.0", "why so of the term, at most 10"),
        ("loss.one.reads", "[feature, expression]", ""),
    ]
