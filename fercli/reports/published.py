"""Numbers that others published, each with its source and protocol, and what independent repeats of them gave."""

import csv
import re
from functools import cache
from importlib.resources import files

import pandas as pd

from fercli.errors import ConfigError, DataError, nearest

COLUMNS = [
    *("source", "table", "task", "dataset", "protocol", "method", "reference", "year"),
    *("modality", "metric", "value", "unit", "row_kind", "notes"),
]
REPEAT_COLUMNS = ["dataset", "method", "metric", "published", "repeated", "sd", "n", "unit", "by", "note"]
CAUTION_COLUMNS = ["dataset", "caution"]
KEY = ["source", "table", "dataset", "protocol", "method", "reference", "modality", "metric"]
ROW_KINDS = ("ablation", "baseline", "proposed", "sota")
UNITS = ("percent", "points", "fraction", "h", "s")

# The name of a data set in print, and in `data=<name>`.
DATA = {
    "AFEW": "afew",
    "AVEC2013": "avec2013",
    "AVEC2014": "avec2014",
    "Aff-Wild2": "aff_wild2",
    "AffectNet": "affectnet",
    "CAER": "caer",
    "CAER-S": "caer_s",
    "CUB-200-2011": "cub",
    "Cars-196": "cars",
    "FER+": "ferplus",
    "FER2013": "fer2013",
    "In-Shop Clothes": "in_shop",
    "RAF-DB": "rafdb",
    "Stanford Online Products": "online_products",
    "W-MNIST/MNIST": "wmnist",
    "none": "",  # costs of computing, measured on no data set
}

# Data sets of fercli that are another preparation of a published one.
PREPARATIONS = {
    "affectnet8": "affectnet",
    "affectnet_eyes": "affectnet",
    "affectnet_eyes8": "affectnet",
    "avec2013_clips": "avec2013",
    "avec2014_clips": "avec2014",
    "avec2014_context": "avec2014",
    "caer_clips": "caer",
}

# Sources whose text was not at hand, and what every report of them must say.
RECONSTRUCTIONS = {
    "dj-ldml": "DJ-LDML is a reconstruction after the abstract of Zhou et al. 2020, not the authors' implementation; "
    "no published number of theirs was available to compare with.",
}

# Remarks that a reader of a number must see. What repeats gave is left to `repeats`.
DOUBT = re.compile(
    r"second-hand|from memory|conflict|misassigned|doubtful|not re-run|\bprints?\b|tables give|text gives"
)


def published_data(data: str) -> str:
    """The data set under which numbers for a preparation of it are published; the same name for all others."""
    return PREPARATIONS.get(data, data)


@cache
def published() -> pd.DataFrame:
    """Every published number: the columns of `data/published/*.csv`, and `file`, `data` and `doubts`.

    `value` is a float in `unit`, exactly as printed; `data` the name as in `data=<name>`; `doubts` a tuple of the
    remarks in `notes` that cast doubt on the number. Treat the frame as read-only: it is shared.

    Raises:
        DataError: a file breaks the rules of `data/README.md`; the message names the file and shows the row.
    """
    folder = files("fercli.published")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".csv"))
    frames = [_read(name, COLUMNS) for name in names if name not in ("repeats.csv", "cautions.csv")]
    frame = pd.concat(frames, ignore_index=True)
    _expect(frame, frame["row_kind"].isin(ROW_KINDS), f"row_kind is one of {', '.join(ROW_KINDS)}")
    _expect(frame, frame["source"] + ".csv" == frame["file"], "source is the name of the file")
    _expect(frame, ~frame.duplicated(KEY, keep=False), f"one number per {', '.join(KEY)}")
    _expect(frame, frame.groupby("metric")["unit"].transform("nunique") == 1, "a metric has one unit everywhere")
    frame["value"] = _numbers(frame, "value")
    return frame.assign(doubts=frame["notes"].map(_doubts))


@cache
def repeats() -> pd.DataFrame:
    """What others measured when they repeated a published method: `repeats.csv` with `data`, numbers as floats.

    `published` is the number that the repeat is held against, NaN where none was found in print; `sd` and `n` (runs)
    are NaN where the report does not give them. All are second-hand: read in reports of third parties.
    """
    frame = _read("repeats.csv", REPEAT_COLUMNS)
    for column in ("published", "repeated", "sd", "n"):
        frame[column] = _numbers(frame, column, optional=column != "repeated")
    return frame


def cautions(data: str) -> list[str]:
    """What to know before comparing any two numbers on this data set."""
    frame = _read("cautions.csv", CAUTION_COLUMNS)
    return frame.loc[frame["data"] == data, "caution"].tolist()


def reconstruction(name: str) -> list[str]:
    """What to know of the numbers of a source, or of the method that bears its name: `dj-ldml`, `dj_ldml`."""
    source = name.replace("_", "-")
    return [RECONSTRUCTIONS[source]] if source in RECONSTRUCTIONS else []


def published_value(
    source: str,
    table: str,
    method: str,
    metric: str,
    dataset: str,
    protocol: str | None = None,
    modality: str | None = None,
) -> float:
    """One published number by its key, in the unit it was printed in (percent for accuracies).

    `protocol` and `modality` are needed only where the same table holds the method under several.

    Raises:
        ConfigError: no such number, with the nearest that there are; or several, with what tells them apart.
    """
    frame = published()
    wanted = {"source": source, "table": table, "dataset": dataset, "metric": metric, "method": method}
    optional = {"protocol": protocol, "modality": modality}
    wanted |= {name: word for name, word in optional.items() if word is not None}
    for column, word in wanted.items():
        found = frame[frame[column] == word]
        if found.empty:
            known = sorted(frame[column].unique())
            where = "; ".join(f"{name}={wanted[name]}" for name in list(wanted)[: list(wanted).index(column)])
            raise ConfigError(
                f"no published {column} '{word}'{f' for {where}' if where else ''}; {nearest(word, known)}"
            )
        frame = found
    if len(frame) > 1:
        varying = [name for name in ("protocol", "reference", "modality") if frame[name].nunique() > 1]
        choices = "\n".join(" | ".join(row) for row in frame[varying].to_numpy())
        raise ConfigError(
            f"{len(frame)} published numbers for {wanted}; they differ in {', '.join(varying)}:\n{choices}"
        )
    return float(frame["value"].iloc[0])


def _read(name: str, columns: list[str]) -> pd.DataFrame:
    """A packaged csv as text, with the column `data`. Read by `csv`, because pandas shifts rows that are too long."""
    with files("fercli.published").joinpath(name).open(encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    if header != columns:
        raise DataError(f"{name}: expected the columns {', '.join(columns)}; found {', '.join(header)}")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(columns):
            raise DataError(f"{name}, line {number}: expected {len(columns)} cells, found {len(line)}")
    frame = pd.DataFrame(lines, columns=columns).assign(file=name)
    _expect(frame, frame["dataset"].isin(DATA.keys()), f"dataset is one of {', '.join(DATA)}")
    if "unit" in frame:
        _expect(frame, frame["unit"].isin(UNITS), f"unit is one of {', '.join(UNITS)}")
    return frame.assign(data=frame["dataset"].map(DATA))


def _numbers(frame: pd.DataFrame, column: str, optional: bool = False) -> pd.Series:
    numbers = pd.to_numeric(frame[column], errors="coerce")
    _expect(frame, numbers.notna() | (optional & (frame[column] == "")), f"{column} is a number")
    percent = frame["unit"] == "percent"
    _expect(frame, ~percent | numbers.isna() | numbers.between(0, 100), f"{column} in percent lies in 0 to 100")
    return numbers


def _expect(frame: pd.DataFrame, holds: pd.Series, rule: str) -> None:
    if not holds.all():
        row = frame[~holds].iloc[0]
        raise DataError(f"{row['file']}: expected that {rule}; found {row.drop('file').to_dict()}")


def _doubts(notes: str) -> tuple[str, ...]:
    return tuple(clause for clause in notes.split("; ") if DOUBT.search(clause))
