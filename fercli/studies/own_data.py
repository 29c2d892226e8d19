"""The options that choose the data set of a store, also where it has a name of the user's own."""

from collections.abc import Sequence
from pathlib import Path

from fercli.catalog import CONF, choices
from fercli.datasets.store import Store
from fercli.studies.request import Request
from fercli.yaml_options import read


def data_of_store(path: Path, config_dirs: Sequence[Path]) -> list[str]:
    """Return the overrides that choose the data set of a store; none where no yaml describes it.

    The store may come from somebody else: only a choice that exists is taken.
    """
    store = Store(path)
    known = {name: folder for folder in (CONF, *config_dirs) for name in choices("data", folder)}
    if store.name in known:
        return [f"data={store.name}"]
    reader = store.meta.get("options", {}).get("reader", {}).get("_target_")
    own = [name for name in known if name in ("folder", "table") and reader in read("data", name, known[name]).builds]
    return [f"data={own[0]}", f"data.name={store.name}"] if len(own) == 1 else []


def data_of_name(name: str, request: Request) -> list[str]:
    """Return the overrides for the data set that a study runs on: a choice, or the name of a user's own store."""
    if not any((folder / "data" / f"{name}.yaml").is_file() for folder in (CONF, *request.config_dirs)):
        path = request.store or request.stores / name
        if (path / "dataset.json").is_file():
            return data_of_store(path, request.config_dirs) or [f"data={name}"]
    return [f"data={name}"]
