import numpy as np

from fercli.checksums import seal
from fercli.datasets import further
from fercli.records import Record


def test_columns_come_back_for_the_rows_of_a_store_in_its_order(tmp_path):
    records = [
        Record("b", "test", "", more=(("id", "7"), ("site", "Bonn"))),
        Record("a", "test", "", more=(("site", "Oslo"),)),
        Record("c", "test", ""),
    ]
    (tmp_path / further.FILE).write_bytes(further.encoded(records))
    seal(tmp_path, [further.FILE])
    found = further.read(tmp_path, np.array(["a", "b", "c"], dtype=object))
    assert {name: column.tolist() for name, column in found.items()} == {
        "id": [None, "7", None],  # a column of the data set may have this name
        "site": ["Oslo", "Bonn", None],
    }


def test_without_further_columns_there_is_no_file(tmp_path):
    assert further.encoded([Record("a", "test", "")]) is None
    assert further.read(tmp_path, np.array(["a"], dtype=object)) == {}
