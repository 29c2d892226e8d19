"""Libraries that may crash read in a process of their own."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from scipy.io import savemat

from fercli.datasets.readers.foreign import read_apart
from fercli.datasets.source import Source
from fercli.errors import DataError


def test_a_matlab_file_as_plain_values(tmp_path):
    rows = np.array([("a.jpg", 3), ("b.jpg", 4)], dtype=[("fname", object), ("class", np.int64)])
    savemat(
        tmp_path / "a.mat", {"annotations": rows, "x": np.float64(0.5), "names": np.array(["fear", "größe"], object)}
    )
    read = read_apart(Source(tmp_path), "a.mat", "mat")
    assert read == {
        "annotations": [{"fname": "a.jpg", "class": 3}, {"fname": "b.jpg", "class": 4}],
        "x": 0.5,
        "names": ["fear", "größe"],
    }


def test_a_parquet_gives_all_names_and_the_cells_that_are_wanted(tmp_path):
    pa.parquet.write_table(pa.table({" Image": ["a", None], "x": [b"1", b"2"]}), tmp_path / "a.parquet")
    read = read_apart(Source(tmp_path), "a.parquet", "parquet", ["", "image", "none"])
    assert read == {"columns": [" Image", "x"], "cells": {"image": ["a", None]}}


@pytest.mark.parametrize("kind", ["mat", "parquet"])
@pytest.mark.parametrize("content", [b"", bytes(200)])
def test_damage_is_one_message_of_the_child(tmp_path, kind, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(
        DataError, match=r"^a in .* is damaged: expected a (MATLAB file|Parquet table), found "
    ) as error:
        read_apart(Source(tmp_path), "a", kind)
    assert "\n" not in str(error.value)


def test_the_message_is_whole_where_the_folder_has_a_line_end_in_its_name(tmp_path):
    folder = tmp_path / "first\nlast\x1b[2J"
    folder.mkdir()
    (folder / "a").write_bytes(b"")
    with pytest.raises(DataError, match=r"^a in .*first\\nlast\\x1b\[2J is damaged: expected a Parquet table"):
        read_apart(Source(folder), "a", "parquet")
