"""Published numbers, from data/published/."""

import csv
from pathlib import Path

from docs.book.markdown import table

FOLDER = Path(__file__).parents[2] / "data" / "published"


def rows(source: str) -> list[dict[str, str]]:
    """The rows of one source's file, such as `dda-dacl`, without those that it quotes of others."""
    with (FOLDER / f"{source}.csv").open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["row_kind"] != "sota"]


def published_table(source: str, *words: str) -> str:
    """What a source prints of a method, one row for each method and data set of a table.

    Args:
        source: file of data/published/, such as `dda-dacl`.
        words: names of tables, such as `Table 3.3`, and parts of names of methods. A row is shown if its table is
            among the named tables (or none is named), and its method has one of the parts (or none is given).

    Raises:
        ValueError: no row fits. A marker that finds nothing is an error of the page.
    """
    tables = [word for word in words if word.startswith("Table ")]
    parts = [word.lower() for word in words if word not in tables]
    shown: dict[tuple[str, str, str], list[str]] = {}
    for row in rows(source):
        named = not tables or row["table"] in tables
        if named and (not parts or any(part in row["method"].lower() for part in parts)):
            shown.setdefault((row["table"], row["dataset"], row["method"]), []).append(_number(row))
    if not shown:
        raise ValueError(f"no row of {source}.csv fits {words}")
    cells = [(*key, ", ".join(dict.fromkeys(numbers))) for key, numbers in shown.items()]
    return table(("Table", "Data set", "Method", "Published"), cells)


def _number(row: dict[str, str]) -> str:
    spread = f" ± {row['sd']}" if row["sd"] else ""
    unit = {"percent": " %", "points": " points"}.get(row["unit"], "")
    return f"{row['metric'].replace('_', ' ')} {row['value']}{spread}{unit}"
