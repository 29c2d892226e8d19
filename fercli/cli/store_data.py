"""The data set that a store names, where the user names none."""

from collections.abc import Sequence
from pathlib import Path


def named_by_store(overrides: Sequence[str], config_dirs: Sequence[Path] = ()) -> list[str]:
    """Return overrides that choose the data set of the store, in front of those that are given.

    They are unchanged if they choose data themselves, also by an experiment; if they name no store; or if the store
    holds a data set that no yaml describes. The store may come from somebody else: only a choice that exists is taken.

    Args:
        overrides: of `fercli train`.
        config_dirs: folders with yaml files of the user's own.
    """
    given = dict(override.split("=", 1) for override in overrides if "=" in override)
    if "store" not in given or "data" in given or _chooses_data(given.get("experiment", "")):
        return list(overrides)
    path = Path(given["store"].strip("'\""))
    if not (path / "dataset.json").is_file():  # the error about it comes with all others
        return list(overrides)
    from fercli.studies.own_data import data_of_store

    return [*data_of_store(path, config_dirs), *overrides]


def _chooses_data(experiment: str) -> bool:
    """Whether an experiment of fercli, or one that it builds on, names its data set.

    An experiment of the user's own counts as one that does.
    """
    from fercli.catalog import choices
    from fercli.yaml_options import read

    if not experiment or experiment == "null":
        return False
    if experiment not in choices("experiment"):
        return True
    taken = read("experiment", experiment).takes
    return any(one.startswith("data=") for one in taken) or any(
        _chooses_data(one.removeprefix("/experiment/")) for one in taken if "=" not in one
    )
