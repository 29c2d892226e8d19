"""Files whose libraries may crash when they are damaged: a child process reads them, and hands over plain JSON."""

import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Container, Iterable
from typing import Any

from fercli.datasets.source import Source, check_ratio
from fercli.errors import DataError, reading
from fercli.process import python

SECONDS = 600  # that the child may take
# Bytes of address space of the child: a damaged file declares any size.
LIBRARIES, PER_BYTE = 4 * 2**30, 64
BYTES_OF_A_CELL = 8
MAT_HEAD, MAT_COMPRESSED = 128, 15
REFUSED = 3  # its exit status where it says why
KINDS = {"mat": "a MATLAB file", "parquet": "a Parquet table"}


def read_apart(source: Source, name: str, kind: str, wanted: Iterable[str] = ()) -> Any:
    """What a file holds, as JSON knows it: of a `mat`, its variables by name; of a `parquet`, `columns` and `cells`.

    Args:
        wanted: columns of a `parquet` whose cells are read, in lower case; `columns` names all.

    Raises:
        DataError: no such file, or it cannot be read; also where it crashes the library, or takes too much memory.
    """
    place, expected = source.place(name), KINDS[kind]
    with source.on_disk(name) as path:
        command = python("-m", "fercli.datasets.readers.foreign", kind, str(path), place, *wanted)
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise DataError(f"{place} is damaged: reading it did not end in {SECONDS} s; copy it again") from None
    if done.returncode == REFUSED and (said := done.stderr.decode("utf-8", "replace").strip()):
        raise DataError(said.splitlines()[-1])
    if done.returncode:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        raise DataError(f"{place} is damaged: expected {expected}; its library ended with {how}; copy it again")
    with reading(place, expected):
        return json.loads(done.stdout)


def _mat(path: str, place: str, _: Container[str]) -> dict[str, Any]:
    from scipy.io import loadmat

    _check_compressed(path, place)
    content = loadmat(path, squeeze_me=True)
    return {name: _plain(value) for name, value in content.items() if not name.startswith("__")}


def _check_compressed(path: str, place: str) -> None:
    """Refuse a file whose compressed parts unpack to far more than it has; MATLAB's "MAT-File Format", chapter 1."""
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
    """Arrays as lists, rows of records as dictionaries."""
    import numpy as np

    if isinstance(value, np.void) and value.dtype.names:
        return {name: _plain(value[name]) for name in value.dtype.names}
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufU":
        return value.tolist()
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value] if value.ndim else _plain(value[()])
    return value.item() if isinstance(value, np.generic) else value


def _parquet(path: str, place: str, wanted: Container[str]) -> dict[str, Any]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        # A value that repeats takes no bytes of the file, however often; each takes at least one reference here.
        num_cells = file.metadata.num_rows * file.metadata.num_columns
        check_ratio(place, os.path.getsize(path), BYTES_OF_A_CELL * num_cells)
        columns = file.schema_arrow.names
        table = file.read()
    table.validate(full=True)
    there = {name.strip().lower(): table.column(i) for i, name in enumerate(columns)}
    return {"columns": columns, "cells": {name: c.to_pylist() for name, c in there.items() if name in wanted}}


READERS: dict[str, Callable[[str, str, Container[str]], dict[str, Any]]] = {"mat": _mat, "parquet": _parquet}


def _limit_memory(num_bytes: int) -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = LIBRARIES + PER_BYTE * num_bytes
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def main(kind: str, path: str, place: str, *wanted: str) -> int:
    """Print what a file holds; else the last line of what is said is the message of a DataError."""
    _limit_memory(os.path.getsize(path))
    try:
        with reading(place, KINDS[kind]):
            text = json.dumps(READERS[kind](path, place, wanted), default=str)
    except DataError as error:
        print(error, file=sys.stderr)
        return REFUSED
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
