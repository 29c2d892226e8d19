"""Raw data in formats whose libraries may crash on a damaged file: they are read in a child process."""

import os
import struct
import zlib
from collections.abc import Iterable
from typing import Any

from fercli import apart
from fercli.datasets.source import Source, check_ratio

BYTES_OF_A_CELL = 8
MAT_HEAD, MAT_COMPRESSED = 128, 15


def read_apart(source: Source, name: str, kind: str, wanted: Iterable[str] = ()) -> Any:
    """Read a file as JSON types: the variables of a `mat` by name, or `columns` and `cells` of a `parquet`.

    Args:
        wanted: columns of a `parquet` to read the cells of, in lower case; `columns` names all columns.

    Raises:
        DataError: the file is missing, cannot be read, crashes the library, or takes too much memory.
    """
    reader, expected = READERS[kind]
    with source.on_disk(name) as path:
        return apart.read_apart(reader, path, source.place(name), expected, *wanted)


def _mat(path: str, place: str) -> dict[str, Any]:
    from scipy.io import loadmat

    _check_compressed(path, place)
    content = loadmat(path, squeeze_me=True)
    return {name: _plain(value) for name, value in content.items() if not name.startswith("__")}


def _check_compressed(path: str, place: str) -> None:
    """Refuse a file that unpacks to far more bytes than it has; format: MATLAB's "MAT-File Format", chapter 1."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        order = "<" if file.read(MAT_HEAD).endswith(b"IM") else ">"
        num_unpacked, place_of_part = 0, MAT_HEAD
        while len(tag := file.read(8)) == 8:
            kind, length = struct.unpack(f"{order}II", tag)
            place_of_part += 8 + length
            if kind == MAT_COMPRESSED:
                unpacker, rest = zlib.decompressobj(), file.read(min(length, size))
                while rest and not unpacker.eof:
                    num_unpacked += len(unpacker.decompress(rest, 2**20))
                    check_ratio(place, size, num_unpacked)
                    rest = unpacker.unconsumed_tail
            file.seek(place_of_part)


def _plain(value: Any) -> Any:
    """Return arrays as lists, and rows of record arrays as dictionaries."""
    import numpy as np

    if isinstance(value, np.void) and value.dtype.names:
        return {name: _plain(value[name]) for name in value.dtype.names}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
        return value.tolist()
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value] if value.ndim else _plain(value[()])
    return value.item() if isinstance(value, np.generic) else value


def _parquet(path: str, place: str, *wanted: str) -> dict[str, Any]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        # A repeated value takes no bytes in the file, but each cell takes at least one reference in memory.
        num_cells = file.metadata.num_rows * file.metadata.num_columns
        check_ratio(place, os.path.getsize(path), BYTES_OF_A_CELL * num_cells)
        columns = file.schema_arrow.names
        table = file.read()
    table.validate(full=True)
    there = {name.strip().lower(): table.column(i) for i, name in enumerate(columns)}
    return {"columns": columns, "cells": {name: c.to_pylist() for name, c in there.items() if name in wanted}}


READERS = {"mat": (_mat, "a MATLAB file"), "parquet": (_parquet, "a Parquet table")}
