"""A JSON schema of the options of `fercli train`, made of conf/, with which editors complete and check yaml files."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from fercli.catalog import CONF, choices, groups
from fercli.yaml_options import Option, read

DRAFT = "http://json-schema.org/draft-07/schema#"  # the one that editors of yaml know
# Entries of any name, or options that are passed on to a library.
OPEN = ("loss", "metrics", "logger", "rates", "backbone")
OF_HYDRA = ("_target_", "_partial_", "_convert_", "_recursive_")
NAMED_ELSEWHERE = ("experiment", "budget")


def schema(config_dirs: Sequence[Path] = ()) -> dict[str, Any]:
    """Return the schema of a yaml with `# @package _global_`: an experiment, a method or a budget of one's own.

    It knows every option that a yaml of `fercli train` has, with its default and meaning, and every choice of the
    groups. A key that no yaml has is refused, except where names are free (`OPEN`). Of values, only those that are true
    or false everywhere are checked, because many options also take `auto`, null or a reference to another one.

    Args:
        config_dirs: folders of the user's own, whose choices and options count too.

    Raises:
        ConfigError: a file is no yaml.
    """
    folders = [CONF, *config_dirs]
    root: dict[str, Any] = {}
    options = list(read("", "train").options)
    for group in groups("train"):
        for folder in folders:
            options += [option for name in choices(group, folder) for option in read(group, name, folder).options]
    for option in options:
        _add(root, option)
    for group in groups("train"):
        if group not in NAMED_ELSEWHERE:
            root.setdefault(group, {})
    properties = {key: _closed(node, key in OPEN) for key, node in root.items()}
    return {
        "$schema": DRAFT,
        "title": "options of fercli train",
        "type": "object",
        "properties": {"defaults": _defaults(folders)} | properties,
        "additionalProperties": False,
    }


def _add(root: dict[str, Any], option: Option) -> None:
    """Put an option into the tree of keys; the first comment of a key stays."""
    *above, last = option.key.split(".")
    node = root
    for key in above:
        node = node.setdefault(key, {}).setdefault("properties", {})
    leaf = node.setdefault(last, {})
    if option.comment:
        leaf.setdefault("description", option.comment)
    if option.default:
        leaf.setdefault("defaults", []).append(option.default)


def _closed(node: dict[str, Any], is_open: bool) -> dict[str, Any]:
    """Return the schema of a key: its meaning, and the keys below it, to which only open ones may add others."""
    found: dict[str, Any] = {}
    defaults = node.get("defaults", [])
    about = node.get("description", "")
    if defaults:
        shown = " | ".join(dict.fromkeys(defaults))
        found["description"] = f"{about} (default: {shown})".strip()
    elif about:
        found["description"] = about
    if "properties" in node:
        found["properties"] = {key: _closed(below, is_open) for key, below in node["properties"].items()}
        found["properties"] |= {word: {} for word in OF_HYDRA}
        if not is_open:
            found["additionalProperties"] = False
        if not defaults:
            found["type"] = ["object", "null"]
    elif defaults and {*defaults} <= {"true", "false"}:
        found["type"] = "boolean"
    return found


def _defaults(folders: Iterable[Path]) -> dict[str, Any]:
    """Return the schema of the list `defaults`, which chooses a yaml of each group."""
    names: dict[str, list[Any]] = {}
    for group in groups("train"):
        names[group] = sorted({name for folder in folders for name in choices(group, folder)})
    choice = {
        f"{word}/{group}": {"anyOf": [{"enum": [*found, None]}, {"type": "array", "items": {"enum": found}}]}
        for group, found in names.items()
        for word in ("", "override ")
    }
    entry = {"type": "object", "properties": choice, "additionalProperties": False}
    return {"type": "array", "items": {"anyOf": [{"type": "string"}, entry]}}
