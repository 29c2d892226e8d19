"""A small file that says that it is huge, or unpacks without end, is one message, soon and in little memory."""

import gzip
import io
import tracemalloc
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from fercli.datasets.readers.arrays import npy, npz
from fercli.datasets.readers.csv_rows import csv_rows
from fercli.datasets.readers.foreign import read_apart
from fercli.datasets.readers.mnist import MNIST
from fercli.datasets.source import Source
from fercli.errors import DataError

MEBIBYTE = 2**20
MOST_MEMORY = 100 * MEBIBYTE  # 64 MiB pass unasked


def zeros(compressor, num_mebibytes=80, head=b""):
    """A head and zeros, compressed in pieces."""
    pieces = [compressor.compress(head), *(compressor.compress(bytes(MEBIBYTE)) for _ in range(num_mebibytes))]
    return b"".join(pieces) + compressor.flush()


def gzipped(head):
    return zeros(zlib.compressobj(wbits=31), head=head)


def idx(*shape):
    return bytes([0, 0, 8, len(shape)]) + b"".join(side.to_bytes(4, "big") for side in shape)


def head_of_npy(shape):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return stream.getvalue()


def write_zip(path, name, head=b""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as entry:
        entry.write(head)
        for _ in range(80):
            entry.write(bytes(MEBIBYTE))


def refused(read):
    """The message of a reading that takes little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(DataError) as error:
            read()
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert "\n" not in str(error.value)
    return str(error.value)


IDX = {
    "more than the largest array": (lambda: gzip.compress(idx(*[2**31 - 1] * 3)), "unpacks to 9,903,520,300,447"),
    "a negative side": (lambda: gzip.compress(idx(2**31, 1, 1)), "unknown header"),
    "as many zeros as it says": (lambda: gzipped(idx(80 * MEBIBYTE, 1, 1)), "says that it unpacks to 83,886,080"),
    "more zeros than it says": (lambda: gzipped(idx(2, 28, 28)), "its header declares 1,568 bytes; it has more"),
    "fewer than it says": (lambda: gzip.compress(idx(2**25, 1, 1)), "declares 33,554,432 bytes; it has fewer"),
    "plain, more than the largest array": (lambda: idx(2**31 - 1, 2**31 - 1, 1), "says that it unpacks to"),
    "plain, fewer than it says": (lambda: idx(2**25, 1, 1), "its header declares 33,554,432 bytes; it has fewer"),
}


@pytest.mark.parametrize("form", IDX)
def test_idx_files(tmp_path, form):
    make, message = IDX[form]
    content, ending = make(), "" if form.startswith("plain") else ".gz"
    (tmp_path / f"train-images-idx3-ubyte{ending}").write_bytes(content)
    told = refused(lambda: list(MNIST().read(Source(tmp_path))))
    assert message in told
    assert f"train-images-idx3-ubyte{ending} in" in told


@pytest.mark.parametrize("declared", [0, 80 * MEBIBYTE, 10**15])
def test_arrays(tmp_path, declared):
    (tmp_path / "a.npy").write_bytes(head_of_npy((declared or 1,)))
    write_zip(tmp_path / "a.npz", "x.npy", head_of_npy((declared,)))
    assert "a.npy in" in refused(lambda: npy(Source(tmp_path), "a.npy"))
    assert "x of a.npz in" in refused(lambda: npz(Source(tmp_path), "a.npz"))


@pytest.mark.parametrize("name", ["a.csv", "a.npy", "train-images-idx3-ubyte"])
def test_an_entry_of_a_zip(tmp_path, name):
    write_zip(tmp_path / "a.zip", name)
    with Source(tmp_path / "a.zip") as source:
        for read in (source.read, source.text, lambda name: list(csv_rows(source, name))):
            assert f"{name} in" in refused(lambda read=read: read(name))


@pytest.mark.parametrize("file", ["a.zip", "a.npz"])
def test_an_entry_of_a_zip_that_says_that_it_is_small(tmp_path, file):
    path = tmp_path / file
    write_zip(path, "x.npy", head_of_npy((80 * MEBIBYTE,)))
    declared = (80 * MEBIBYTE + 128).to_bytes(4, "little")
    assert path.read_bytes().count(declared) == 2
    path.write_bytes(path.read_bytes().replace(declared, (200).to_bytes(4, "little")))
    with Source(path) as source:
        reads = [source.read, source.text] if source.is_zip else [lambda _: npz(source, file)]
        for read in reads:
            assert f"{'x.npy' if source.is_zip else file} in" in refused(lambda read=read: read("x.npy"))


@pytest.mark.parametrize(
    "text",
    ["a,b\n1," + "0" * MEBIBYTE, 'a,b\n1,"' + "0\n" * MEBIBYTE, "a" * MEBIBYTE + ",b\n1,2"],
    ids=["a cell", "a quoted cell", "a heading"],
)
def test_a_cell_without_end(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    assert "field larger than field limit" in refused(lambda: list(csv_rows(Source(tmp_path), "a.csv")))


@pytest.mark.slow
def test_a_matlab_file(tmp_path):
    packed = zeros(zlib.compressobj())
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    part = (15).to_bytes(4, "little") + len(packed).to_bytes(4, "little") + packed
    (tmp_path / "a.mat").write_bytes(head + part)
    assert "says that it unpacks to" in refused(lambda: read_apart(Source(tmp_path), "a.mat", "mat"))


def test_a_parquet_of_one_value_that_repeats(tmp_path):
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(10**7, np.int8)), ["a.png"])
    pa.parquet.write_table(pa.table({"image": column}), tmp_path / "a.parquet")
    told = refused(lambda: read_apart(Source(tmp_path), "a.parquet", "parquet", ["image"]))
    assert "says that it unpacks to 80,000,000" in told
