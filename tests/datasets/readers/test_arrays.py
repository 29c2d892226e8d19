"""Arrays are what they declare, or a message before memory is taken."""

import io
import zipfile

import numpy as np
import pytest

from fercli.datasets.readers.arrays import npy, npz
from fercli.datasets.source import Source
from fercli.errors import DataError


def encoded(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


@pytest.fixture
def source_of(tmp_path):
    """A source whose file `a.npy` holds these bytes."""

    def write(content):
        (tmp_path / "a.npy").write_bytes(content)
        return Source(tmp_path)

    return write


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6).reshape(2, 3),
        np.float32(0.5),
        np.array(["happy", "fear"]),
        np.array(["é"], dtype=">U3"),
        np.array(""),
    ],
    ids=repr,
)
def test_a_sound_array_is_read(source_of, array):
    found = npy(source_of(encoded(array)), "a.npy")
    assert found.dtype == np.asarray(array).dtype
    np.testing.assert_array_equal(found, array)


def declaring(shape):
    return encoded(np.zeros(4)).replace(b"'shape': (4,), ", f"'shape': {shape}, ".encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (declaring("(1000000000000,)"), "it declares 8,000,000,000,000 bytes and holds"),
        (declaring("(4, -1)"), "it declares -32 bytes"),
        (encoded(np.array([{}], dtype=object)), "it holds Python objects"),
        (encoded(np.array(["fear"]))[:-1] + b"\x7f", "a character that does not exist"),
        (encoded(np.zeros(4))[:-1], "it declares 32 bytes and holds 31"),
        (b"", "is damaged: expected a NumPy array"),
    ],
)
def test_what_is_not_as_declared_is_one_message(source_of, content, message):
    with pytest.raises(DataError, match=message):
        npy(source_of(content), "a.npy")


def test_an_archive_gives_the_arrays_that_are_wanted(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(3), y=np.arange(2))
    assert {name: array.tolist() for name, array in npz(Source(tmp_path), "a.npz", ["y"]).items()} == {"y": [0, 1]}
    with pytest.raises(DataError, match=r"expected x, z in a.npz in .*; it has no z"):
        npz(Source(tmp_path), "a.npz", ["x", "z"])


def test_what_unpacks_to_far_more_than_it_is_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w") as entry:
        entry.write(encoded(np.zeros(0)))
        for _ in range(80):
            entry.write(bytes(1 << 20))
    with pytest.raises(DataError, match=r"x of .*a.npz"):
        npz(Source(tmp_path), "a.npz")
