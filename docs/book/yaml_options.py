"""The options of a yaml of conf/, with their defaults and comments."""

import re
from dataclasses import dataclass

import yaml

from fercli.catalog import CONF

ENTRY = re.compile(r"^(\s*)([\w.]+):(?:\s|$)")


@dataclass(frozen=True)
class Option:
    """One key of a yaml: its name on the command line, its default as text, and what the comment says."""

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


def read(group: str, name: str) -> Choice:
    """Read one choice of a group; of `group=""` the root yaml of a command."""
    text = (CONF / group / f"{name}.yaml").read_text()
    lines = text.splitlines()
    comments = [line.strip() for line in lines if line.startswith("#") and not line.startswith("# @package")]
    prefix = "" if "@package _global_" in text or not group else f"{group}."
    root = yaml.compose(text)
    options, builds = [], []
    for path, key, value in _leaves(root, ()):
        if path[0] == "defaults":
            continue
        if path[-1] == "_target_":
            builds.append(value.value)
            continue
        whole = isinstance(value, yaml.MappingNode) and not value.flow_style
        default = "" if whole else " ".join(text[value.start_mark.index : value.end_mark.index].split())
        comment = _trailing(lines[key.start_mark.line]) if whole else _comment(lines, key.start_mark.line, value)
        if whole and not comment:
            continue
        options.append(Option(prefix + ".".join(path), default, comment))
    loaded = yaml.safe_load(text) or {}
    return Choice(group, name, comments[0][1:].strip() if comments else "", builds, options, _takes(loaded))


def _leaves(node, path):
    """The path, key node and value node of every key; a mapping comes before the keys within it."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        here = (*path, key.value)
        yield here, key, value
        if isinstance(value, yaml.MappingNode) and not value.flow_style:
            yield from _leaves(value, here)


def _comment(lines: list[str], line: int, value: yaml.Node) -> str:
    """The comment beside a key, the lines that go on with it, and those directly above it."""
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
    return bool(_trailing(lines[number])) and re.search(r"\s#", lines[number]).start() + 1 == column


def _takes(loaded: dict) -> list[str]:
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
