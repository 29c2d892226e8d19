"""The options of a yaml of conf/, with their defaults and comments."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fercli.catalog import CONF, choices
from fercli.docstrings import arguments
from fercli.errors import ConfigError, reading

# Classes that read the keys of a mapping of a group, where the yaml does not name the class. `*` stands for any key.
RECORDS = {
    ("data", "protocol"): "fercli.protocol.Protocol",
    ("loss", "*"): "fercli.losses.objective.Term",
    ("metrics", "*"): "fercli.facts.Facts",
}
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # as safe, and ten times as fast
REFERENCE = re.compile(r"\$\{(?:oc\.select:)?([\w.]+)(?:,[^}]*)?\}")  # a value that is that of another key


@dataclass(frozen=True)
class Option:
    """One key of a yaml: its name on the command line, its default as text, and its meaning.

    Attributes:
        comment: the comment of the yaml. Without one: what the docstring of the class or function says that takes the
            key as an argument, else the comment of the same key in another choice of its group.
    """

    key: str
    default: str
    comment: str


@dataclass(frozen=True)
class Choice:
    """One yaml of a group.

    Attributes:
        group: folder of conf/, such as `loss`; empty for the root of a command.
        name: name of the choice, such as `dda`.
        about: first comment of the file.
        builds: dotted names of all classes and functions that the file names with `_target_`.
        options: the keys that hold values, and those above them that have a comment, in the order of the file.
        takes: `group=choice` of the choices that it sets in its defaults.
    """

    group: str
    name: str
    about: str
    builds: list[str]
    options: list[Option]
    takes: list[str]


def read(group: str, name: str, conf: Path = CONF) -> Choice:
    """Read one choice of a group; of `group=""` the root yaml of a command.

    Args:
        group: folder of conf/, such as `loss`.
        name: name of a choice, such as `dda`.
        conf: folder of the groups.

    Raises:
        ConfigError: the file is no yaml.
    """
    path = conf / group / f"{name}.yaml"
    with reading(path, "a yaml file", error=ConfigError, remedy="correct it"):
        choice = _read(group, name, path.read_text())
    return replace(choice, options=[_with_meaning(option, choice) for option in choice.options])


def _with_meaning(option: Option, choice: Choice) -> Option:
    """Return an option that has a comment; where the yaml has none, one that is found elsewhere."""
    other = REFERENCE.fullmatch(option.default)
    comment = option.comment
    if option.key == choice.group:  # a choice that is one value, such as null
        comment = comment or choice.about
    comment = comment or _elsewhere(option.key)
    return replace(option, comment=comment or (f"that of {other[1]}" if other else ""))


@cache
def _elsewhere(key: str) -> str:
    """Return what another choice of the group, or the root of `fercli train`, says of the same key; else nothing."""
    group = key.partition(".")[0]
    texts = [(group, name, (CONF / group / f"{name}.yaml").read_text()) for name in choices(group)]
    texts.append(("", "train", (CONF / "train.yaml").read_text()))
    found = (option for text in texts for option in _read(*text).options if option.key == key)
    return next((option.comment for option in found if option.comment), "")


@cache
def _read(group: str, name: str, text: str) -> Choice:
    """Return what a yaml says, with its own comments. The result is kept: `_elsewhere` asks it again for each key."""
    lines = text.splitlines()
    comments = [line.strip() for line in lines if line.startswith("#") and not line.startswith("# @package")]
    prefix = "" if "@package _global_" in text or not group else f"{group}."
    root = yaml.compose(text, LOADER)
    options: list[Option] = []
    builds: list[str] = []
    meanings: dict[tuple[str, ...], dict[str, str]] = {}
    for path, key, value in _leaves(root, ()):
        if path[0] == "defaults":
            continue
        if path[-1] == "_target_":
            builds.append(value.value)
            meanings[path[:-1]] = arguments(value.value)
            continue
        if path[-1] == "_partial_":  # Hydra's own word
            continue
        whole = isinstance(value, yaml.MappingNode) and not value.flow_style
        default = "" if whole else " ".join(text[value.start_mark.index : value.end_mark.index].split())
        comment = _trailing(lines[key.start_mark.line]) if whole else _comment(lines, key.start_mark.line, value)
        comment = comment or _of_docstrings(group, path, meanings)
        if whole and not comment:
            continue
        options.append(Option(prefix + ".".join(path), default, comment))
    loaded = yaml.load(text, LOADER) or {}
    return Choice(group, name, comments[0][1:].strip() if comments else "", builds, options, _takes(loaded))


def _of_docstrings(group: str, path: tuple[str, ...], meanings: Mapping[tuple[str, ...], Mapping[str, str]]) -> str:
    """Return what docstrings say of a key: that of the class that the mapping builds, then that of a record."""
    meaning = meanings.get(path[:-1], {}).get(path[-1], "")
    if not meaning and len(path) == 2:
        name = RECORDS.get((group, path[0])) or RECORDS.get((group, "*"), "")
        meaning = arguments(name).get(path[1], "")
    return meaning


def _leaves(node: yaml.Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], yaml.Node, yaml.Node]]:
    """Give the path, key node and value node of every key; a mapping comes before the keys within it."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        here = (*path, key.value)
        yield here, key, value
        if isinstance(value, yaml.MappingNode) and not value.flow_style:
            yield from _leaves(value, here)


def _comment(lines: list[str], line: int, value: yaml.Node) -> str:
    """Return the comment beside a key, the lines that go on with it, and those directly above it."""
    last = value.end_mark.line if getattr(value, "flow_style", False) else line
    above: list[str] = []
    before = line - 1
    while before >= 0 and lines[before].strip().startswith("#") and not _continues(lines, before):
        above.insert(0, lines[before].strip()[1:].strip())
        before -= 1
    if before < 0:  # the head of the file is about the file
        above = []
    beside = _trailing(lines[last]) or _trailing(lines[line])
    further, after = [], last + 1
    while after < len(lines) and lines[after].strip().startswith("#") and _continues(lines, after):
        further.append(lines[after].strip()[1:].strip())
        after += 1
    return " ".join([*above, *([beside] if beside else []), *further])


def _trailing(line: str) -> str:
    found = re.search(r"\s#\s?(.*)$", line)
    return found[1].strip() if found and not line.strip().startswith("#") else ""


def _continues(lines: list[str], number: int) -> bool:
    """Whether a line of comment goes on with the comment beside a key above: both start in one column."""
    column = lines[number].index("#")
    while number > 0 and lines[number].strip().startswith("#"):
        number -= 1
    beside = re.search(r"\s#", lines[number])
    return bool(_trailing(lines[number])) and beside is not None and beside.start() + 1 == column


def _takes(loaded: dict[str, Any]) -> list[str]:
    takes = []
    for entry in loaded.get("defaults", []):
        if isinstance(entry, dict):
            for group, choice in entry.items():
                name = group.removeprefix("override").removeprefix("optional").strip().lstrip("/")
                shown = f"[{','.join(choice)}]" if isinstance(choice, list) else choice
                takes.append(f"{name.partition('@')[0]}={'null' if shown is None else shown}")
        elif entry != "_self_":
            takes.append(entry)
    return takes
