"""Groups and choices of `conf/`, read without Hydra, so that listing them is instant."""

import re
from importlib.resources import files
from pathlib import Path

CONF = Path(str(files("fercli.conf")))
COMMANDS = ("preprocess", "train", "eval", "ablate", "compare")  # those that take options of conf/, as their root yaml


def choices(group: str, conf: Path | None = None) -> list[str]:
    """Return the names of the yaml files of a config group. A file in a subfolder is named `folder/name`.

    Args:
        conf: folder of the groups; None for those that come with fercli.
    """
    folder = (conf or CONF) / group
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml"))


def describe(group: str, conf: Path | None = None) -> dict[str, str]:
    """Return the one-line comment at the head of each choice's yaml."""
    return {name: _first_comment((conf or CONF) / group / f"{name}.yaml") for name in choices(group, conf)}


def group_names(conf: Path | None = None) -> list[str]:
    """Return all config groups by name, that of studies included."""
    folders = (path for path in (conf or CONF).iterdir() if path.is_dir() and not path.name.startswith(("_", ".")))
    return sorted(path.name for path in folders)


def groups(root: str) -> list[str]:
    """Return the config groups that a subcommand's root yaml chooses from."""
    return re.findall(r"^  - (?:optional )?([a-z_]+):", (CONF / f"{root}.yaml").read_text(), flags=re.MULTILINE)


def _first_comment(path: Path) -> str:
    for line in path.read_text().splitlines():
        if line.startswith("# @package"):
            continue
        return line[1:].strip() if line.startswith("#") else ""
    return ""


def top_level_keys(root: str) -> list[str]:
    """Return the plain options of a subcommand's root yaml."""
    import yaml

    return [key for key in yaml.safe_load((CONF / f"{root}.yaml").read_text()) if key not in ("defaults", "hydra")]
