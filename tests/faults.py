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
