"""NumPy arrays of raw data sets: the size that a file's header declares is checked before memory is allocated."""

import io
import sys
import zipfile
from collections.abc import Iterable

import numpy as np

from fercli.datasets.source import Source, check_ratio
from fercli.errors import DataError, reading


def npy(source: Source, name: str) -> np.ndarray:
    """Read the array of a `.npy` file.

    Raises:
        DataError: the file is missing or damaged, holds Python objects, or has another size than it declares.
    """
    data = source.read(name)
    with reading(source.place(name), "a NumPy array"):
        return _array(data)


def npz(source: Source, name: str, keys: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Read arrays of a `.npz` file, by name.

    Args:
        keys: names of the arrays to read; None for all.

    Raises:
        DataError: as in `npy`, or an array is missing.
    """
    data = source.read(name)
    place = source.place(name)
    with reading(place, "an archive of NumPy arrays"), zipfile.ZipFile(io.BytesIO(data)) as archive:
        there = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        wanted = list(there if keys is None else keys)
        if missing := [key for key in wanted if key not in there]:
            raise DataError(f"expected {', '.join(wanted)} in {place}; it has no {', '.join(missing)}")
        for key in wanted:
            check_ratio(f"{key} of {place}", there[key].compress_size, there[key].file_size)
        return {key: _array(_unpacked(archive, there[key])) for key in wanted}


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read the bytes of an entry, at most one more than it declares: that one shows that it is too long."""
    with archive.open(info) as stream:
        return stream.read(info.file_size + 1)


def _array(data: bytes) -> np.ndarray:
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    read_head = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_head(stream)
    declared = dtype.itemsize
    for side in shape:  # in Python integers, which cannot overflow
        declared *= int(side)
    if dtype.hasobject:
        raise ValueError("it holds Python objects")
    if min(shape, default=0) < 0 or declared != len(data) - stream.tell():
        raise ValueError(f"it declares {declared:,} bytes and holds {len(data) - stream.tell():,}")
    array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    if dtype.kind == "U" and array.nbytes:
        letters = np.ascontiguousarray(array).reshape(-1).view(np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        if letters.max() > sys.maxunicode:  # Python would raise SystemError when it reads this string
            raise ValueError("it holds a text with a character that does not exist")
    return array
