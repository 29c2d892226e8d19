"""Damage to a file, as discs, networks and people do it."""

from collections.abc import Iterator

import numpy as np


def mutations(data: bytes, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Damaged copies of a file without end, each with a name: first empty and noise, then one change at any place.

    Args:
        rng: draws places and bytes.
    """
    yield "empty", b""
    yield "noise", rng.bytes(max(len(data), 64))
    while data:
        place = int(rng.integers(len(data)))
        bit, value = int(rng.integers(8)), int(rng.integers(256))
        yield f"bit {bit} of byte {place}", data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
        yield f"byte {place} is {value}", data[:place] + bytes([value]) + data[place + 1 :]
        yield f"cut at byte {place}", data[:place]


# The first numbers of a predictor as dlib saves it: the version, two of the shape's size, two for each of its 136
# coordinates, how many cascades, trees and splits, and for each split two indices and two numbers of the threshold.
CASCADES = 3 + 2 * 136
FIRST_SPLIT = CASCADES + 3


def with_dlib_number(data: bytes, index: int, value: int) -> bytes:
    """A file of dlib whose number at this index is another; it says of each how many bytes it has, then gives these."""
    place = 0
    for _ in range(index):
        place += 1 + (data[place] & 15)
    encoded = value.to_bytes(8, "little").rstrip(b"\0")
    return data[:place] + bytes([len(encoded)]) + encoded + data[place + 1 + (data[place] & 15) :]
