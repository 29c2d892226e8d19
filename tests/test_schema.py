"""The schema for editors: what fercli composes, it allows; what fercli refuses as unknown, it refuses."""

import json

import pytest
import yaml
from jsonschema import Draft7Validator

from fercli.catalog import CONF
from fercli.schema import schema

GLOBAL = [
    path.relative_to(CONF).with_suffix("").as_posix()
    for group in ("experiment", "method", "budget")
    for path in sorted((CONF / group).rglob("*.yaml"))
    if "# @package _global_" in path.read_text()
]

pytestmark = pytest.mark.slow  # the schema is made of all choices of all groups


@pytest.fixture(scope="module")
def validator():
    content = json.loads(json.dumps(schema()))
    Draft7Validator.check_schema(content)
    return Draft7Validator(content)


def wrong(validator, text):
    """The paths of what is wrong in a yaml."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(yaml.safe_load(text) or {})]


def test_every_experiment_method_and_budget_is_valid(validator):
    assert len(GLOBAL) > 40
    found = {name: wrong(validator, (CONF / f"{name}.yaml").read_text()) for name in GLOBAL}
    assert {name: errors for name, errors in found.items() if errors} == {}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("trainer: {max_epoch: 3}", "$.trainer"),
        ("selection: {monitr: mae}", "$.selection"),
        ("optimiser: {lr: 0.1}", "$"),
        ("trainer: 5", "$.trainer"),
        ("trainer: {channels_last: perhaps}", "$.trainer.channels_last"),
        ("head: {droput: 0.1}", "$.head"),
        ("defaults: [{override /backbone: resnet81}]", "$.defaults[0]"),
        ("defaults: [{override /backbon: resnet18}]", "$.defaults[0]"),
    ],
)
def test_a_wrong_key_choice_or_value_is_not(validator, text, place):
    assert [error.partition(":")[0] for error in wrong(validator, text)] == [place]


@pytest.mark.parametrize("text", ["rates: {head.attention: 0.1}", "loss: {mine: {weight: 2}}", "backbone: {drop: 0.1}"])
def test_free_names_are_valid(validator, text):
    assert wrong(validator, text) == []


def test_a_key_has_its_meaning_and_its_default(validator):
    options = validator.schema["properties"]
    assert options["trainer"]["properties"]["max_steps"]["description"].startswith("optimizer steps after which")
    assert "(default: 0" in options["seed"]["description"]


def test_choices_and_options_of_the_users_own_count(tmp_path):
    (tmp_path / "backbone").mkdir()
    (tmp_path / "backbone" / "mine.yaml").write_text("# Mine\n_target_: mine.Net\n")
    made = Draft7Validator(schema([tmp_path]))
    assert wrong(made, "defaults: [{override /backbone: mine}]") == []
