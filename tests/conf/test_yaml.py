"""Every yaml, also one that is added tomorrow, says what it is, under a name that Python and shells can take."""

import yaml

from fercli.catalog import CONF, choices, describe, groups

GROUPS = sorted(path.name for path in CONF.iterdir() if path.is_dir() and any(path.rglob("*.yaml")))
ROOTS = sorted(path.stem for path in CONF.glob("*.yaml"))


def test_every_group_is_chosen_from_by_a_root():
    assert set(GROUPS) == {group for root in ROOTS for group in groups(root)}


def test_every_yaml_says_in_one_line_what_it_is():
    said = {f"{group}/{name}": line for group in GROUPS for name, line in describe(group).items()}
    assert set(said) == {f"{group}/{name}" for group in GROUPS for name in choices(group)}
    assert {name: line for name, line in said.items() if not 10 <= len(line) <= 120} == {}


def test_every_root_says_what_it_is():
    assert [root for root in ROOTS if not (CONF / f"{root}.yaml").read_text().startswith("# ")] == []


def test_a_package_stands_once_in_a_line_of_its_own():
    wrong = []
    for path in CONF.rglob("*.yaml"):
        lines = path.read_text().splitlines()
        stated = sum(line.startswith("# @package") for line in lines)
        if not stated == sum("@package" in line for line in lines) <= 1:
            wrong.append(path.relative_to(CONF).as_posix())
    assert wrong == []


def test_names_are_what_python_and_shells_can_take():
    names = [path.relative_to(CONF).with_suffix("").as_posix() for path in CONF.rglob("*.yaml")]
    assert [name for name in names if not name.replace("/", "").isidentifier()] == []


def test_every_yaml_holds_keys_with_values():
    content = {path: yaml.safe_load(path.read_text()) or {} for path in CONF.rglob("*.yaml")}
    assert [str(path) for path, found in content.items() if not isinstance(found, dict)] == []
