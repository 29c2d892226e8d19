"""Check the user's own yaml files: refuse one that would silently change another file, or that holds no loss."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from fercli.catalog import CONF
from fercli.errors import ConfigError

LISTS = ("loss", "metrics")  # the groups of which a run chooses several files; each entry has a name of its own


def check_own_files(names: Sequence[str], folders: Sequence[Path]) -> None:
    """Check the files that a configuration is composed of.

    Args:
        names: of the files, as `loss/focal`.
        folders: of the user.

    Raises:
        ConfigError: a file of the user has the name of one of fercli's, which is used in its place; a loss or a metric
            has no name above its keys; or two files give the same name, so that one would change the other.
    """
    homes: dict[tuple[str, str], Path] = {}
    for name in names:
        places = [Path(folder) / f"{name}.yaml" for folder in (CONF, *folders)]  # the order in which Hydra searches
        present = [place for place in places if place.is_file()]
        if not present:
            continue
        path = present[0]
        if path == places[0] and len(present) > 1:
            raise ConfigError(f"{present[1]} has the name of a file of fercli, which is used in its place; rename it")
        group = name.partition("/")[0]
        if group not in LISTS:
            continue
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        if "_target_" in content:
            raise ConfigError(
                f"{path} has no name above its keys: write '{path.stem}:' on a line before _target_, and indent the "
                "lines below it by two spaces"
            )
        for entry, options in content.items():
            if not isinstance(options, dict) or "_target_" not in options:  # it changes an option of another file
                continue
            if other := homes.get((group, entry)):
                raise ConfigError(
                    f"{other} and {path} both hold '{entry}', and one would change the other; give the one in {path} "
                    f"a name of its own, such as '{path.stem}'"
                )
            homes[group, entry] = path


def check_terms(losses: Mapping[str, Any]) -> None:
    """Check that each loss of a configuration is a term; one that is null counts as left out.

    Raises:
        ConfigError: it lacks what a term must say, or is a value without keys.
    """
    for name, term in losses.items():
        if term is not None and not isinstance(term, dict):
            raise ConfigError(f"loss '{name}': expected a term, with keys such as weight and loss; found {term}")
        if isinstance(term, dict) and "_target_" in term and "loss" not in term:
            raise ConfigError(
                f"loss '{name}' lacks loss: expected a term, with _target_: fercli.losses.objective.Term, "
                "and below `loss:` the _target_ of the loss itself"
            )
