"""The protocol that a metrics.json holds."""

from collections.abc import Mapping
from typing import Any

from fercli.protocol import NOT_SAID, Protocol

# The words of runs that were written before protocols had all fields; their `holdout` may be two things.
FORMER_SPLITS = {"val": "validation", "test": "test"}
FORMER_SELECTIONS = {"paper": "reported split", "last": "last"}


def recorded_protocol(result: Mapping[str, Any]) -> Protocol:
    """The protocol of a run, from the content of its metrics.json.

    What a run that was written before protocols had all fields does not say is "not said"; the data set is then called
    as in `data=<name>`.

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
