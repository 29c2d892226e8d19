import re

import numpy as np
import pytest

from fercli.checksums import digest
from fercli.datasets import further
from fercli.datasets.folds import LEFT_OUT, KFold
from fercli.datasets.groups import MOST_GROUPS, default_groups, divisions, group_columns, values_of
from fercli.datasets.store import Store
from fercli.errors import ConfigError, DataError
from fercli.records import Record
from tests.stores import describe

ROWS = [
    {"split": "test", "gender": "female", "age": 17.0},
    {"split": "test", "gender": "male", "age": 18.0},
    {"split": "test", "gender": None, "age": 50.0},
    {"split": "test", "gender": "male", "age": None},
]
SITES = [(("dose", "2"), ("site", "Bonn")), (("dose", "10"), ("site", "Oslo")), (("site", "Bonn"),), ()]


@pytest.fixture
def store(write_store):
    """Four rows with gender and age, and the further columns `site` and `dose`."""
    path = write_store(ROWS).path
    content = further.encoded(Record(f"row{row}", "test", "", more=more) for row, more in enumerate(SITES))
    (path / further.FILE).write_bytes(content)
    sums = path / "SHA256SUMS"
    sums.write_text(sums.read_text() + f"{digest(content)}  {further.FILE}\n")
    return Store(path)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("gender", ["female", "male", None, "male"]),
        ("age=18,30,50", ["under 18", "18 to under 30", "50 and over", None]),
        ("site", ["Bonn", "Oslo", "Bonn", None]),
        ("dose=2.5", ["under 2.5", "2.5 and over", None, None]),
        ("gender+age=18", ["female, under 18", "male, 18 and over", None, None]),
    ],
)
def test_each_row_gets_its_group(store, by, expected):
    assert group_columns(store, np.arange(4), [by])[f"by {by}"].tolist() == expected


@pytest.mark.parametrize("by", ["gender", "age=18,30,50", "site", "gender+age=18", "id"])
def test_folds_divide_by_all_that_groups_are_made_of(store, by):
    folds = KFold(k=2, by=by)
    assigned = folds.assign(store, 0).fold
    values = values_of(store, np.arange(4), by)
    fold_of = {value: fold for value, fold in zip(values, assigned, strict=True) if value is not None}
    assert [fold_of.get(value, LEFT_OUT) for value in values] == assigned.tolist()
    assert {1, 2} <= {*assigned}


def test_folds_divide_by_a_column_of_many_values(write_store):
    """Of groups that an evaluation prints, a hundred are the most."""
    store = write_store([{"split": "test", "subject": None, "video": None}] * (MOST_GROUPS + 2))
    values = np.array([f"photograph {row}" for row in range(MOST_GROUPS + 2)], dtype=object)
    store.__dict__["further"] = {"photograph": values}
    assert values_of(store, np.arange(len(store)), "photograph").tolist() == values.tolist()


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("gendr", "no column to make groups of named 'gendr' .*did you mean 'gender'"),
        ("age", "age is a number: give the edges of bins, such as --by age=18,30,50; here age is from 17 to 50"),
        ("age=30,18", "expected ascending numbers as edges of bins, such as age=18,30,50; found age=30,18"),
        ("age=", "expected ascending numbers"),
        ("site=1", "expected numbers in the column site to make bins of, found 'Bonn'"),
        ("race", "no column to make groups of named 'race'"),
    ],
)
def test_what_cannot_be_divided_is_refused(store, by, message):
    with pytest.raises(ConfigError, match=message):
        group_columns(store, np.arange(4), [by])


def test_too_many_groups_are_refused(write_store):
    store = write_store([{"split": "test", "subject": f"p{row}"} for row in range(101)])
    with pytest.raises(ConfigError, match=re.escape("expected at most 100 groups by 'subject', found 101")):
        group_columns(store, np.arange(101), ["subject"])


def test_nobody_asked_the_attributes_of_people_are_taken_or_what_the_data_set_names(store, make_metric):
    assert default_groups(store) == ("gender",)
    describe(store.path, groups=["site", "race", "age=30"])
    named = Store(store.path)
    named.__dict__["further"] = store.further
    assert default_groups(named) == ("site", "age=30")  # no row has a race
    assert divisions(named, [], ["gender"]) == ("gender",)
    assert divisions(named, [], []) == ()


def test_a_damaged_file_of_columns_is_named(store):
    (store.path / further.FILE).write_bytes(b"PAR1")
    with pytest.raises(DataError, match=further.FILE):
        group_columns(Store(store.path), np.arange(4), ["site"])
