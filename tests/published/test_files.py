"""The rules of the csv files, on files of one row that break one each."""

import pandas as pd
import pytest

from fercli.errors import DataError
from fercli.protocol import FIELDS, Protocol
from fercli.published import files as module
from fercli.published.files import csv_names, meanings, read_rows, with_protocol
from fercli.published.numbers import COLUMNS, NO_SOURCE, published, repeats

GOOD = {
    "source": "lab",
    "table": "Table 1",
    "task": "expression",
    "dataset": "RAF-DB",
    "split": "test",
    "split_rule": "official",
    "classes": "7",
    "repeats": "1",
    "method": "DDA",
    "reference": "A 2020",
    "year": "2020",
    "modality": "face",
    "metric": "accuracy",
    "value": "86.90",
    "unit": "percent",
    "row_kind": "proposed",
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write rows to `lab.csv` of a folder in the place of the packaged one; caches are emptied before and after."""
    meanings()  # the words are those that are packaged
    published.cache_clear()
    monkeypatch.setattr(module, "files", lambda package: tmp_path)

    def to_file(*rows, columns=COLUMNS, more=""):
        lines = [",".join(f'"{row.get(column, "")}"' for column in columns) + more for row in rows]
        (tmp_path / "lab.csv").write_text("\n".join([",".join(columns), *lines]) + "\n")

    yield to_file
    published.cache_clear()


def test_a_good_file_is_read_with_its_numbers_and_its_protocol(write):
    write(GOOD | {"sd": "0.3", "n": "5"})
    row = published().iloc[0]
    assert (row["value"], row["sd"], row["n"], row["printed"]) == (86.9, 0.3, 5, "86.90")
    assert (row["data"], row["file"], row["name"]) == ("rafdb", "lab.csv", "DDA")
    assert row["protocol"] == Protocol("RAF-DB", split="test", split_rule="official", classes="7", repeats="1")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": "high"}, "value is a number"),
        ({"value": "869"}, "value in percent lies in 0 to 100"),
        ({"dataset": "RAFDB"}, "dataset is one of"),
        ({"unit": "%"}, "unit is one of"),
        ({"row_kind": "ours"}, "row_kind is one of"),
        ({"source": "other"}, "source is the name of the file"),
        ({"split": "Test"}, "split is empty or a word of words.csv: test; validation"),
        ({"pretraining": "MS-CELEB-1M"}, "pretraining is empty or a word of words.csv: none; ImageNet; MS-Celeb-1M"),
        ({"classes": "seven"}, "classes is empty or a whole number"),
        ({"selection": "paper"}, "selection is empty or one of holdout, validation, reported split"),
        ({"aggregation": "maximum of n"}, "aggregation is empty or one of single, mean"),
        ({"criterion": "Accuracy"}, "criterion is empty or the key of a metric"),
        ({"repeats": ""}, "an official split has repeats 1"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(write, change, message):
    write(GOOD | change)
    with pytest.raises(DataError, match=f"lab.csv: expected that {message}"):
        published()


def test_a_number_of_runs_takes_the_place_of_n(write):
    write(GOOD | {"aggregation": "maximum of 5"})
    assert published()["protocol"].iloc[0].aggregation == "maximum of 5"


def test_rows_of_another_length_and_other_columns_are_refused(write):
    write(GOOD, more=",stray")
    with pytest.raises(DataError, match="line 2: expected 28 cells, found 29"):
        published()
    write(GOOD, columns=["source"])
    with pytest.raises(DataError, match=r"lab.csv: expected the columns source, table, .*; found source"):
        published()


def test_two_numbers_under_one_key_and_a_metric_in_two_units_are_refused(write):
    write(GOOD, GOOD | {"value": "87.00"})
    with pytest.raises(DataError, match="one number per source"):
        published()
    write(GOOD, GOOD | {"method": "DACL", "value": "0.87", "unit": "fraction"})
    with pytest.raises(DataError, match="a metric has one unit"):
        published()


def test_all_packaged_files_pass_and_every_word_is_used():
    files = [read_rows(name, COLUMNS) for name in csv_names() if name not in NO_SOURCE]
    assert len(with_protocol(pd.concat(files))) == len(published())
    protocols = [*published()["protocol"], *repeats()["protocol"]]
    used = {(field, getattr(protocol, field)) for protocol in protocols for field in FIELDS}
    assert {key for key in meanings() if key[0] != "selection"} <= used
    assert all(meanings().values())
