"""Claim a folder for the plan of a store: a folder holds one plan."""

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fercli.errors import DataError
from fercli.fields import SCHEMA_VERSION
from fercli.files import write_whole
from fercli.preprocess.plan import StorePlan

FILE = "plan.json"


def claim(store: Path, plan: StorePlan, options: dict[str, Any]) -> None:
    """Write the plan into a new store, or make sure that the store in the folder was begun with the same plan.

    Raises:
        DataError: the folder holds a store with other options, other raw data or another version of fercli.
    """
    plain: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "fercli": version("fercli"),
        "options": options,
        "raw data": plan.source_fingerprint,
        "rows": plan.fingerprint,
    }
    wanted = json.loads(json.dumps(plain))
    file = store / FILE
    if not file.is_file():
        if (store / "dataset.json").exists() or (store / "shards").exists():
            raise DataError(f"{store} holds data without a {FILE}; choose another store=<folder>, or delete it")
        write_whole(file, json.dumps(wanted, indent=1).encode())
        return
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError:
        raise DataError(f"{file} is damaged; choose another store=<folder>, or delete {store}") from None
    differing = list(_differences("", found, wanted))
    if differing:
        raise DataError(
            f"{store} was begun differently: {'; '.join(differing)}.\n"
            "Choose another store=<folder>, or delete this one to make it again."
        )


def _differences(key: str, found: Any, wanted: Any) -> Iterator[str]:
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in sorted({*found, *wanted}):
            inner = f"{key}.{name}" if key else name
            yield from _differences(inner.removeprefix("options."), found.get(name), wanted.get(name))
    elif found != wanted:
        hashed = key in ("raw data", "rows")
        yield f"other {key}" if hashed else f"{key} was {json.dumps(found)} and is now {json.dumps(wanted)}"
