"""Rows of a store with equal pixels."""

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from fercli.datasets.twins import EQUAL, EQUAL_FILE, pairs_table


def pixels_digest(image: np.ndarray) -> bytes:
    """Hash of pixels, (H, W) or (H, W, 3) uint8; a color image without color has the hash of the gray one."""
    if image.ndim == 3 and (image == image[..., :1]).all():
        image = image[..., 0]
    return hashlib.blake2b(str(image.shape).encode() + image.tobytes(), digest_size=16).digest()


def digests(table: pa.Table) -> Iterator[tuple[bytes, bytes]]:
    """Yield a hash of the stored bytes and a hash of the pixels for every row of a store's table."""
    import cv2  # slow to import

    for row, image in enumerate(table.column("image")):
        if not image.is_valid:
            yield b"", b"no image of row %d" % row
            continue
        content = image.as_buffer()
        file = hashlib.blake2b(content, digest_size=16).digest()
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
        yield file, file if pixels is None else pixels_digest(pixels)


def equal_pairs(table: pa.Table) -> pa.Table:
    """Pair every row with the first row of equal pixels. Frames of one video are no twins of each other.

    Args:
        table: of a store, with `id`, `split`, `video` and `image`.
    """
    files: list[bytes] = []
    groups: dict[bytes, list[int]] = {}
    for row, (file, pixels) in enumerate(digests(table)):
        files.append(file)
        groups.setdefault(pixels, []).append(row)
    ids, splits, videos = (table.column(name).to_pylist() for name in ("id", "split", "video"))
    found = []
    for first, *others in groups.values():
        if videos[first] is None or any(videos[row] != videos[first] for row in others):
            for row in others:
                kind = EQUAL_FILE if files[row] == files[first] else EQUAL
                found.append((ids[first], ids[row], splits[first], splits[row], kind, 1.0, False, 0.0, 0.0))
    return pairs_table(found)
