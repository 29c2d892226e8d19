"""Messages for options that do not exist or cannot be read, with the nearest that do."""

import glob
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.errors import OverrideParseException
from omegaconf import DictConfig, OmegaConf

from fercli.catalog import CONF, choices, groups, top_level_keys
from fercli.composition import composed
from fercli.errors import nearest, printable


def explain(error: Exception, root: str, overrides: Sequence[str], config_dirs: Sequence[Path]) -> str:
    """Turn Hydra's error into one sentence for the user."""
    message = str(error)
    if found := re.search(r"Could not (?:find|load) '([^']+)/([^'/]+)'", message):
        group, name = found.groups()
        offered = nearest(name, _offered(group, config_dirs), f"fercli list {group}")
        return f"no {group} named '{name}'; {in_own_folder(group, name) or offered}"
    if found := re.search(r"Could not override '([^'@]+)", message):
        key = found[1]
        if isinstance(node := _selected(root, key, overrides), DictConfig) and len(node):
            has = f"it has the entries {', '.join(printable(str(name)) for name in node)}"
            return (
                f"cannot replace '{key}' in {root}: {has}; change one: {key}.<entry>=..., or add one: +{key}.<new>=..."
            )
        if hiding := [folder for folder in config_dirs if (Path(folder) / key).is_dir()]:  # known to Hydra as a group
            return f"the folder {Path(hiding[0]) / key} hides the option '{key}' of {root}; name another --config-dir"
        return no_option(key, root, overrides, config_dirs)
    if found := re.search(r"Could not find '([^']+)'", message):
        return f"no configuration named '{found[1]}'"
    if isinstance(error, OverrideParseException):
        return _unreadable(str(error.override))
    return message.splitlines()[0]


def in_own_folder(group: str, name: str) -> str:
    """Say which --config-dir has the choice that was not found; nothing where no folder here has it."""
    own = sorted(Path().glob(f"*/{glob.escape(group)}/{glob.escape(name)}.yaml"))
    return f"{own[0]} is one: add --config-dir {own[0].parts[0]}" if own else ""


def _offered(group: str, config_dirs: Sequence[Path]) -> list[str]:
    return sorted({name for folder in (CONF, *config_dirs) for name in choices(group, Path(folder))})


def no_option(key: str, root: str, overrides: Sequence[str], config_dirs: Sequence[Path]) -> str:
    """Say that an option does not exist, and name the nearest ones."""
    if "." not in key:
        return f"no option named '{key}' in {root}; {nearest(key, _top_level(root), f'fercli options {root}')}"
    if (first := key.partition(".")[0]) not in _top_level(root):
        return f"no option named '{key}' in {root}; it has no '{first}': {nearest(first, _top_level(root))}"
    return f"no option named '{key}' in {root}{_siblings(root, key, overrides, config_dirs)}"


def _top_level(root: str) -> list[str]:
    return sorted({*groups(root), *top_level_keys(root)})


def _unreadable(override: str) -> str:
    key, equals, value = override.partition("=")
    if not equals:
        return f"cannot read the override '{override}'; expected key=value"
    quoted = value.replace("'", "\\\\'")
    return f"""cannot read the override '{override}'; write a value with special characters as "{key}='{quoted}'\""""


def _selected(root: str, key: str, overrides: Sequence[str]) -> Any:
    """Return what an option holds with the groups that are chosen; None where there is no such option."""
    chosen = [override for override in overrides if override.partition("=")[0] in groups(root)]
    try:
        return OmegaConf.select(composed(root, chosen)[0], key)
    except Exception:
        return None


def _siblings(root: str, key: str, overrides: Sequence[str], config_dirs: Sequence[Path]) -> str:
    """Choices beside a nested key that does not exist, such as trainer.max_epoch."""
    parent, _, last = key.rpartition(".")
    node = _selected(root, parent, overrides)
    if node is None and (names := _offered(parent, config_dirs)):
        return f"; it belongs to one of {', '.join(f'{parent}={name}' for name in names)}, of which none is chosen"
    group, _, name = parent.partition(".")
    if node is None and name in (offered := _offered(group, config_dirs)):
        return f"; {group}={name} is not chosen"
    if node is None and offered and "." not in name:
        return f"; there is no {parent}: {nearest(name, offered, f'fercli list {group}')}"
    if not isinstance(node, DictConfig):
        return f"; '{parent}' has no options"
    if deeper := _deeper(OmegaConf.to_container(node), last):
        return f"; did you mean {' or '.join(f'{parent}.{path}' for path in deeper)}?"
    return f"; {nearest(last, [str(k) for k in node if not str(k).startswith('_')])}"


def _deeper(content: Any, last: str) -> list[str]:
    """Return the paths below the keys of a mapping that end in `last`, such as `loss.gamma`: a term has its loss."""
    below = {key: value for key, value in content.items() if isinstance(value, dict)}
    return [
        f"{key}.{path}" for key, value in below.items() for path in ([last] if last in value else _deeper(value, last))
    ]
