"""Raw data in formats whose libraries may crash on a damaged file: they are read in a child process."""

import datetime
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from fercli import apart
from fercli.datasets.source import Source, check_ratio
from fercli.errors import DataError

BYTES_OF_A_CELL = 8
IMAGES_AT_A_TIME = 64
MAT_HEAD, MAT_COMPRESSED = 128, 15


def read_apart(source: Source, name: str, kind: str, wanted: Iterable[str] = ()) -> Any:
    """Read a file as JSON types: the variables of a `mat` by name, `columns` and `cells` of a `parquet`, or `rows`
    and names of `others`, the sheets that are not read, of an `xlsx`.

    Args:
        wanted: of a `parquet`, the file to unpack images into, or an empty text; then the columns to read the cells of,
            in lower case. `columns` names all columns.

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


def _parquet(path: str, place: str, blob: str, *wanted: str) -> dict[str, Any]:
    """Return the names of the columns, and the cells of those that are wanted.

    Images that a column holds are written to the file `blob`, one after the other; their cells are offset and size in
    it. Where `blob` is empty, these cells are null. Numbers of classes become names where the file gives them, as
    Hugging Face writes them.
    """
    import pyarrow.parquet as pq

    size = os.path.getsize(path)
    with pq.ParquetFile(path) as file:
        # A repeated value takes no bytes in the file, but each cell takes at least one reference in memory.
        check_ratio(place, size, BYTES_OF_A_CELL * file.metadata.num_rows * file.metadata.num_columns)
        schema = file.schema_arrow
        images = [field.name for field in schema if _is_image(field.type)]
        table = file.read(columns=[name for name in schema.names if name not in images] if images else None)
        table.validate(full=True)
        there = {name.strip().lower(): table.column(i) for i, name in enumerate(table.schema.names)}
        cells = {name: col.to_pylist() for name, col in there.items() if name in wanted or _is_plain(col.type)}
        for name in (name for name in images if name.strip().lower() in wanted):
            unpacked = _unpacked(file, name, place, blob, size) if blob else [None] * file.metadata.num_rows
            cells[name.strip().lower()] = unpacked
    for name, classes in _class_names(schema.metadata).items():
        if name in cells:
            cells[name] = [_class_of(cell, classes) for cell in cells[name]]
    return {"columns": schema.names, "cells": cells}


def _is_image(kind: Any) -> bool:
    """Whether a column holds encoded images: bytes, or bytes and a path."""
    import pyarrow.types as types

    if types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0 and kind.get_field_index("path") >= 0
    return types.is_binary(kind) or types.is_large_binary(kind)


def _is_plain(kind: Any) -> bool:
    """Whether a column holds words or numbers."""
    import pyarrow.types as types

    kinds = (types.is_string, types.is_large_string, types.is_integer, types.is_floating, types.is_boolean)
    return any(is_kind(kind) for is_kind in kinds)


def _unpacked(file: Any, name: str, place: str, blob: str, size: int) -> list[Any]:
    cells: list[Any] = []
    offset = 0
    with open(blob, "wb") as out:
        for batch in file.iter_batches(batch_size=IMAGES_AT_A_TIME, columns=[name]):
            batch.validate(full=True)
            for cell in batch.column(0).to_pylist():
                data = cell["bytes"] if isinstance(cell, dict) else cell
                if data is None:
                    cells.append(cell and cell["path"])
                    continue
                cells.append([offset, len(data)])
                offset += out.write(data)
                check_ratio(place, size, offset)
    return cells


def _class_names(metadata: Any) -> dict[str, list[str]]:
    """Return the names of the classes by column, from what Hugging Face's `datasets` writes beside the columns."""
    told = json.loads((metadata or {}).get(b"huggingface", b"{}"))
    features = told.get("info", {}).get("features", {})
    return {
        name.strip().lower(): [str(word) for word in feature["names"]]
        for name, feature in features.items()
        if isinstance(feature, dict) and isinstance(feature.get("names"), list)
    }


def _class_of(cell: Any, classes: list[str]) -> Any:
    """Return the name of a class; null for -1, which means no label."""
    if not isinstance(cell, int) or cell < 0:
        return None
    return classes[cell] if cell < len(classes) else str(cell)


def _xlsx(path: str, place: str) -> dict[str, Any]:
    """Return the rows of the first sheet, each with its number, and the names of the other sheets.

    A cell with a formula has the value that the spreadsheet program saved; no formula is computed.
    """
    try:
        import openpyxl
    except ImportError:
        raise DataError(f"{place} needs openpyxl: install fercli[xlsx], or save the sheet as CSV") from None
    size = os.path.getsize(path)
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            check_ratio(place, entry.compress_size, entry.file_size)
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    sheet, *others = book.worksheets or [None]
    if sheet is None:
        raise DataError(f"{place} has no sheet with cells; save the sheet as CSV")
    sheet.reset_dimensions()  # the size that a file declares may be any
    rows, num_cells = [], 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_text(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        num_cells += len(row) + 1
        check_ratio(place, size, BYTES_OF_A_CELL * num_cells)
        if cells:
            rows.append((number, cells))
    return {"rows": rows, "others": [other.title for other in others]}


def _text(cell: Any) -> str | None:
    """Return what a cell shows: `3` for 3.0, a day without its midnight."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    return str(cell).strip() or None if cell is not None else None


READERS: dict[str, tuple[Callable[..., Any], str]] = {
    "mat": (_mat, "a MATLAB file"),
    "parquet": (_parquet, "a Parquet table"),
    "xlsx": (_xlsx, "an Excel workbook"),
}
