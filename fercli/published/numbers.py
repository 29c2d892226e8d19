"""Numbers that others published, each with its source and protocol, and the results of independent repeats."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd

from fercli.errors import ConfigError, nearest
from fercli.protocol import PRINTED
from fercli.published.files import csv_names, expect, numbers, read_rows, with_protocol
from fercli.published.protocol_words import in_words

PROTOCOL = [field for field in PRINTED if field != "dataset"]
COLUMNS = [
    *("source", "table", "task", "dataset", *PROTOCOL, "method", "name", "reference", "year"),
    *("modality", "metric", "value", "sd", "n", "unit", "row_kind", "notes"),
]
REPEAT_COLUMNS = [
    *("dataset", *PROTOCOL, "method", "metric", "published", "repeated", "sd", "n", "unit", "by", "note"),
]
CAUTION_COLUMNS = ["dataset", "caution"]
NO_SOURCE = ("repeats.csv", "cautions.csv", "words.csv")
KEY = ["source", "table", "dataset", "protocol", "method", "reference", "modality", "metric"]
ROW_KINDS = ("ablation", "baseline", "proposed", "sota")

# Sources whose full text was not available, and the note that every report with their numbers must carry.
RECONSTRUCTIONS = {
    "dj-ldml": "DJ-LDML is a reconstruction after the abstract of Zhou et al. 2020, not the authors' implementation; "
    "no published number of theirs was available to compare with.",
}

# For each flag, the pattern of the remarks in `notes` that cast this doubt on a number.
DOUBTS = {
    "second-hand": re.compile(r"second-hand"),
    "not re-run": re.compile(r"not re-run"),
    "prints differ": re.compile(r"conflict|\bprints?\b|tables give|text gives"),
    "doubtful": re.compile(r"misassigned|doubtful"),
    "not reproduced": re.compile(r"not reproduced|re-run of the released weights"),
}


@cache
def published() -> pd.DataFrame:
    """Return every published number: a row for each row of `data/published/*.csv`.

    The columns are those of the files, with `protocol` (a `Protocol`) in place of its fields. Added columns: `file`,
    `data` (the name as in `data=<name>`), `printed` (the number as text) and `doubts` (the remarks in `notes` that cast
    doubt on the number). `value`, `sd` and `n` (runs) are floats; `sd` and `n` are NaN where unknown, `value` is in
    `unit`, as printed. `name` is what was measured: rows of one data set, metric, name and value are one number,
    printed several times. Treat the frame as read-only: it is shared.

    Raises:
        DataError: a file breaks the rules of `data/README.md`; the message names the file and shows the row.
    """
    frames = [read_rows(name, COLUMNS) for name in csv_names() if name not in NO_SOURCE]
    frame = with_protocol(pd.concat(frames, ignore_index=True))
    expect(frame, frame["row_kind"].isin(ROW_KINDS), f"row_kind is one of {', '.join(ROW_KINDS)}")
    expect(frame, frame["source"] + ".csv" == frame["file"], "source is the name of the file")
    expect(frame, ~frame.duplicated(KEY, keep=False), f"one number per {', '.join(KEY)}")
    expect(frame, frame.groupby("metric")["unit"].transform("nunique") == 1, "a metric has one unit everywhere")
    frame = frame.assign(printed=frame["value"], name=frame["name"].where(frame["name"] != "", frame["method"]))
    frame["value"] = numbers(frame, "value")
    for column in ("sd", "n"):
        frame[column] = numbers(frame, column, optional=True)
    return frame.assign(doubts=frame["notes"].map(_doubts))


Row = Mapping[str, Any]  # a row of `published` by column


@cache
def _by_table() -> Mapping[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    frame = published()
    for values in frame.itertuples(index=False):
        row = dict(zip(frame.columns, values, strict=True))
        found.setdefault((row["source"], row["table"]), []).append(row)
    return found


def of_table(source: str, table: str) -> list[Row]:
    """Return the rows of `published` that one table of one source prints; read-only, for they are shared.

    Plans look up thousands of numbers in tables of some dozens of rows, for which a frame is slow.
    """
    return _by_table().get((source, table), [])


@cache
def repeats() -> pd.DataFrame:
    """Return what others measured when they repeated a published method: `repeats.csv` with `protocol` and `data`.

    `method` is the `name` of the published number. `published` is the number that the repeat is compared with, NaN
    where none was found in print. `sd` and `n` (runs) are NaN where the report does not give them. All numbers are
    second-hand: they come from reports of third parties.
    """
    frame = with_protocol(read_rows("repeats.csv", REPEAT_COLUMNS))
    for column in ("published", "repeated", "sd", "n"):
        frame[column] = numbers(frame, column, optional=column != "repeated")
    return frame


def cautions(data: str) -> list[str]:
    """Return what to know before comparing any two numbers on this data set."""
    return [caution for about, caution in _cautions() if about == data]


@cache
def _cautions() -> list[tuple[str, str]]:
    frame = read_rows("cautions.csv", CAUTION_COLUMNS)
    return list(zip(frame["data"], frame["caution"], strict=True))


def reconstruction(name: str) -> list[str]:
    """Return the note on the numbers of a source, or of the method of its name, for example `dj-ldml` or `dj_ldml`."""
    source = name.replace("_", "-")
    return [RECONSTRUCTIONS[source]] if source in RECONSTRUCTIONS else []


def with_fields(rows: Iterable[Row], fields: Mapping[str, str]) -> list[Row]:
    """Return the rows with these values in their protocol, for example `{"pretraining": "ImageNet"}`."""
    return [row for row in rows if all(getattr(row["protocol"], name) == value for name, value in fields.items())]


def published_value(
    source: str,
    table: str,
    method: str,
    metric: str,
    dataset: str,
    protocol: Mapping[str, str] | None = None,
    modality: str | None = None,
) -> float:
    """Return one published number by its key, in its printed unit (percent for accuracies).

    `protocol` (some fields and their values) and `modality` are needed only where the table holds the method under
    several protocols or modalities.

    Raises:
        ConfigError: there is no such number (the message gives the nearest names), or there are several (the message
            gives their differences).
    """
    wanted = {"source": source, "table": table, "dataset": dataset, "metric": metric, "method": method}
    wanted |= {} if modality is None else {"modality": modality}
    rows = of_table(source, table) or [row for rows in _by_table().values() for row in rows]  # all to say what is wrong
    for column, word in wanted.items():
        found = [row for row in rows if row[column] == word]
        if not found:
            known = sorted({row[column] for row in rows})
            where = "; ".join(f"{name}={wanted[name]}" for name in list(wanted)[: list(wanted).index(column)])
            raise ConfigError(
                f"no published {column} '{word}'{f' for {where}' if where else ''}; {nearest(word, known)}"
            )
        rows = found
    found = with_fields(rows, protocol or {})
    if len(found) != 1:
        varying = [name for name in ("protocol", "reference", "modality") if len({row[name] for row in rows}) > 1]
        texts = [[cell if isinstance(cell := row[name], str) else in_words(cell) for name in varying] for row in rows]
        choices = "\n".join(map(" | ".join, texts))
        asked = f" with {dict(protocol)}" if protocol else ""
        raise ConfigError(
            f"{len(found)} published numbers for {wanted}{asked}; they differ in {', '.join(varying)}:\n{choices}"
        )
    return float(found[0]["value"])


def _doubts(notes: str) -> tuple[str, ...]:
    return tuple(clause for clause in notes.split("; ") if any(doubt.search(clause) for doubt in DOUBTS.values()))
