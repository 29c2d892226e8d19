"""Several questionnaires of a table: the column and the scale of each."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from fercli.catalog import choices
from fercli.datasets.readers.table_columns import COLUMNS
from fercli.errors import ConfigError, choose, printable
from fercli.scales import OWN, Scale
from fercli.scales import named as scale_named

PLAIN = re.compile(r"[a-z][a-z0-9_]*")
EXAMPLE = "{gad7: {column: GAD, name: GAD-7, high: 21, cutoff: 10}}"


def questionnaires(scores: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Scale]]:
    """Return the column and the scale of each questionnaire, by its name.

    Args:
        scores: name of a scale of `conf/scale` to its column; or any other name to the values of a scale of one's own
            and, under `column`, its column.

    Raises:
        ConfigError: there is no such scale, a name cannot be one, or the values are no scale.
    """
    columns, scales = {}, {}
    for name, told in scores.items():
        if isinstance(told, Mapping):
            columns[name], scales[name] = _own(str(name), told)
        else:
            known = [one for one in choices("scale") if one != OWN]
            choose("scale", name, known, f" in data.reader.scores; a scale of your own is given as {EXAMPLE}")
            columns[name], scales[name] = str(told), scale_named(name)
    return columns, scales


def _own(name: str, told: Mapping[str, Any]) -> tuple[str, Scale]:
    where = f"data.reader.scores.{printable(name)}"
    if name in choices("scale"):
        raise ConfigError(f"{where} is the name of a scale of fercli: give its column alone, or choose another name")
    if not PLAIN.fullmatch(name) or name in COLUMNS:
        raise ConfigError(
            f"{where}: expected a name of small letters, digits and underscores that is no column of fercli, such as "
            "gad7"
        )
    for key in told:
        choose("key", key, ("column", *[field.name for field in fields(Scale)]), f" in {where}")
    if missing := [key for key in ("column", "name", "high") if told.get(key) is None]:
        raise ConfigError(f"{where} lacks {', '.join(missing)}: expected {EXAMPLE}")
    try:
        return str(told["column"]), Scale(**{str(key): value for key, value in told.items() if key != "column"})
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
