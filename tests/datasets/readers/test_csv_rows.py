import zipfile

import pytest

from fercli.datasets.readers.csv_rows import csv_rows
from fercli.datasets.source import Source
from fercli.errors import DataError


def test_a_damaged_csv_in_a_zip_is_said(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.csv", "a,b\n" * 5)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"a,b\na,b\n", b"a,b\na,c\n", 1))
    with pytest.raises(DataError, match=r"x\.csv in .*CRC"):
        list(csv_rows(Source(path), "x.csv"))
