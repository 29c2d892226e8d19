"""Published numbers, from data/published/."""

import csv
from pathlib import Path

from book.markdown import table

FOLDER = Path(__file__).parents[1] / "data" / "published"


def rows(source: str) -> list[dict[str, str]]:
    """The rows of one source's file, such as `dda-dacl`."""
    with (FOLDER / f"{source}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def published_table(source: str, *words: str) -> str:
    """The numbers of the methods whose name holds one of the words, of rows that are the source's own.

    Raises:
        ValueError: no row fits; a marker that finds nothing is an error of the page.
    """
    own = [row for row in rows(source) if row["row_kind"] != "sota"]
    fitting = [row for row in own if any(word.lower() in row["method"].lower() for word in words)]
    if not fitting:
        raise ValueError(f"no method of {source}.csv has one of {words} in its name")
    cells = [
        (row["table"], row["dataset"], row["method"], row["metric"].replace("_", " "), _value(row)) for row in fitting
    ]
    return table(("Table", "Data set", "Method", "Metric", "Published"), dict.fromkeys(cells))


def _value(row: dict[str, str]) -> str:
    spread = f" ± {row['sd']}" if row["sd"] else ""
    return f"{row['value']}{spread} {'%' if row['unit'] == 'percent' else row['unit']}".strip()
