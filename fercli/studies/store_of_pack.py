"""Find the store of this machine that holds the data of a packed run."""

from collections.abc import Mapping, Sequence
from typing import Any

from fercli.datasets.store import Store
from fercli.errors import DataError
from fercli.runs.folder import RunFolder
from fercli.runs.provenance import read_provenance


def store_of(stores: Sequence[Store], run: RunFolder, data: Mapping[str, Any]) -> Store:
    """Return the store with the data of a run.

    Raises:
        DataError: no store has them; the message says what differs.
    """
    for store in stores:
        if store.fingerprint == data["fingerprint"]:
            return store
    lines = [
        f"expected a store with the data of {run.path.parent.name}: '{data['name']}', fingerprint "
        f"{str(data['fingerprint'])[:16]}"
    ]
    options = read_provenance(run.path).get("data", {}).get("options", {})
    for store in stores:
        lines.append(f"{store.path} holds '{store.name}', fingerprint {store.fingerprint[:16]}")
        if store.name == data["name"]:
            lines += _differing(options, store.meta.get("options", {}))
    raise DataError("\n  ".join([*lines, "prepare the same data with the same options, and give it as --store"]))


def _differing(there: Mapping[str, Any], here: Mapping[str, Any], prefix: str = "") -> list[str]:
    lines = []
    for key in sorted({*there, *here}):
        one, other = there.get(key), here.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            lines += _differing(one, other, f"{prefix}{key}.")
        elif one != other:
            lines.append(f"its option {prefix}{key} is {other}; the run was trained with {one}")
    if not prefix and not lines:
        lines.append("it was prepared with the same options, so the files it was made from differ")
    return lines
