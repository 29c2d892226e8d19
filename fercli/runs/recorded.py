"""The protocol that a metrics.json holds."""

from collections.abc import Mapping
from typing import Any

from fercli.protocol import NOT_SAID, Protocol

# The words of runs that were written before protocols had all fields. Their `holdout` is ambiguous, so it is not here.
FORMER_SPLITS = {"val": "validation", "test": "test"}
FORMER_SELECTIONS = {"paper": "reported split", "last": "last"}


def recorded_protocol(result: Mapping[str, Any]) -> Protocol:
    """Return the protocol of a run, from the content of its metrics.json.

    In a run that was written before protocols had all fields, missing fields are "not said", and the data set has its
    name of `data=<name>`.

    Raises:
        KeyError: the content has no `protocol`, or no `data` with a `name`.
    """
    content = result["protocol"]
    if "dataset" in content:
        return Protocol.of(content)
    split, selection = (str(content.get(name) or NOT_SAID) for name in ("split", "selection"))
    return Protocol(
        result["data"]["name"],
        split=FORMER_SPLITS.get(split, split),
        selection=FORMER_SELECTIONS.get(selection, NOT_SAID),
    )
