"""The csv files of `data/published`: how they are read, and the rules that all of them follow."""

import csv
import re
from functools import cache
from importlib.resources import files

import pandas as pd

from fercli.errors import DataError
from fercli.protocol import AGGREGATIONS, NOT_SAID, PRINTED, SELECTIONS, Protocol
from fercli.published.data_sets import data_by_print

UNITS = ("percent", "points", "fraction", "h", "s")
WORD_COLUMNS = ["field", "word", "meaning"]

COUNT = re.compile(r"[1-9]\d*")
OTHER_FIELDS = {
    "classes": (COUNT, "a whole number"),
    "repeats": (COUNT, "a whole number"),
    "criterion": (re.compile(r"[a-z0-9_]+"), "the key of a metric"),
    "selection": (re.compile("|".join(SELECTIONS)), f"one of {', '.join(SELECTIONS)}"),
    "aggregation": (
        re.compile("|".join(AGGREGATIONS).replace("of n", r"of \d+")),
        f"one of {', '.join(AGGREGATIONS)}, with the number in place of n",
    ),
}


def csv_names() -> list[str]:
    """Return the names of the packaged csv files."""
    return sorted(entry.name for entry in files("fercli.published.data").iterdir() if entry.name.endswith(".csv"))


def read_rows(name: str, columns: list[str]) -> pd.DataFrame:
    """Read a packaged csv as text, with the column `file`; if it has the column `dataset`, also `data` as in `data=`.

    Raises:
        DataError: other columns, a row that is too long or too short, an unknown data set or unit.
    """
    with files("fercli.published.data").joinpath(name).open(encoding="utf-8") as file:
        header, *lines = csv.reader(file)  # not by pandas, which shifts the cells of a row that is too long
    if header != columns:
        raise DataError(f"{name}: expected the columns {', '.join(columns)}; found {', '.join(header)}")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(columns):
            raise DataError(f"{name}, line {number}: expected {len(columns)} cells, found {len(line)}")
    frame = pd.DataFrame(lines, columns=columns).assign(file=name)
    if "unit" in frame:
        expect(frame, frame["unit"].isin(UNITS), f"unit is one of {', '.join(UNITS)}")
    if "dataset" not in frame:
        return frame
    data = data_by_print()
    expect(frame, frame["dataset"].isin(data.keys()), f"dataset is one of {', '.join(data)}")
    return frame.assign(data=frame["dataset"].map(data))


def with_protocol(frame: pd.DataFrame) -> pd.DataFrame:
    """Replace the columns for the fields of a protocol by one column `protocol`; `dataset` stays.

    Raises:
        DataError: a field holds a word that `words.csv` does not have, or an official split has `repeats` other than 1.
    """
    for field in PRINTED:
        if field != "dataset":
            _expect_words(frame, field)
    official = frame["split_rule"] == "official"
    expect(frame, ~official | (frame["repeats"] == "1"), "an official split has repeats 1: there is one of it")
    protocols = pd.Series([Protocol.of(row) for row in frame[list(PRINTED)].to_dict("records")], frame.index)
    return frame.drop(columns=[field for field in PRINTED if field != "dataset"]).assign(protocol=protocols)


def numbers(frame: pd.DataFrame, column: str, optional: bool = False) -> pd.Series:
    """Convert a column of text to numbers; NaN for an empty cell, which only an optional column may have.

    Raises:
        DataError: a cell holds no number, or a percentage outside of 0 to 100.
    """
    values = pd.to_numeric(frame[column], errors="coerce")
    expect(frame, values.notna() | (optional & (frame[column] == "")), f"{column} is a number")
    percent = frame["unit"] == "percent"
    expect(frame, ~percent | values.isna() | values.between(0, 100), f"{column} in percent lies in 0 to 100")
    return values


@cache
def meanings() -> dict[tuple[str, str], str]:
    """Return the meaning of each (field, word): the vocabulary of the published protocols."""
    frame = read_rows("words.csv", WORD_COLUMNS)
    words = dict(zip(zip(frame["field"], frame["word"], strict=True), frame["meaning"], strict=True))
    return words | {("selection", word): meaning for word, meaning in SELECTIONS.items()}


def expect(frame: pd.DataFrame, holds: pd.Series, rule: str) -> None:
    """Refuse a frame in which a row breaks a rule.

    Raises:
        DataError: the message names the file and the rule, and shows the first row that breaks it.
    """
    if not holds.all():
        row = frame[~holds].iloc[0]
        raise DataError(f"{row['file']}: expected that {rule}; found {row.drop('file').to_dict()}")


def _expect_words(frame: pd.DataFrame, field: str) -> None:
    """Check that a field is empty, or holds a known word or a valid form."""
    if field in OTHER_FIELDS:
        pattern, rule = OTHER_FIELDS[field]
        known = frame[field].map(lambda word: pattern.fullmatch(word) is not None)
    else:
        words = [word for name, word in meanings() if name == field]
        known, rule = frame[field].isin(words), f"a word of words.csv: {'; '.join(words)}"
    expect(frame, known | (frame[field] == NOT_SAID), f"{field} is empty or {rule}")
