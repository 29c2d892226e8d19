"""Pairs of images with close perceptual hashes, found without comparing every image with every other.

Each table picks some of the 64 bits. Two hashes that are equal in these bits meet in one bucket of the table. A pair
that differs in few bits meets in at least one of the tables with high probability. A table picks more bits the more
images there are, so the work grows with the number of images, not with its square.

Source: Indyk and Motwani 1998, "Approximate Nearest Neighbors", bit sampling for the Hamming distance.
"""

from collections.abc import Iterator

import numpy as np

from fercli.audit.hashes import NUM_BITS, coefficients, hashes
from fercli.audit.thumbnails import SHIFTS

NUM_TABLES = 12
MOST_BITS = 10  # in which the hashes of a candidate pair may differ
SPARE_BITS = 3  # that a table picks beyond those that number the images: most buckets are empty then
LARGEST_BUCKET = 256  # images of a larger bucket, such as flat ones, are compared only with their next ones
BLOCK = 1 << 20  # pairs at a time


def candidates(thumbnails: np.ndarray, group: np.ndarray, seed: int = 0) -> np.ndarray:
    """Find pairs of thumbnails whose hashes are close for some shift, mirrored or not.

    Args:
        thumbnails: (n, 48, 48) uint8.
        group: (n,) number of each thumbnail; images of one group are not paired.
        seed: of the bits that the tables pick.

    Returns:
        (m, 3) int64: two places, the smaller one first, and 1 where one of the images is mirrored; each row once.
    """
    found = coefficients(thumbnails)
    medians = np.median(found, axis=0)
    plain = hashes(found, medians)
    rng = np.random.default_rng(seed)
    width = min(NUM_BITS, int(np.ceil(np.log2(max(2, len(thumbnails))))) + SPARE_BITS)
    masks = [_mask(rng.choice(NUM_BITS, width, replace=False)) for _ in range(NUM_TABLES)]
    tables = [(mask, order, (plain & mask)[order]) for mask in masks for order in [np.argsort(plain & mask)]]
    pairs = [np.empty((0, 3), dtype=np.int64)]
    for shift in SHIFTS:
        moved = found if shift == (0, 0) else coefficients(thumbnails, shift)
        for mirrored in (False, True):
            asked = hashes(moved, medians, mirrored)
            for table in tables:
                for one, other in _meetings(asked, *table):
                    near = (group[one] != group[other]) & (np.bitwise_count(asked[one] ^ plain[other]) <= MOST_BITS)
                    one, other = one[near], other[near]
                    ends = [np.minimum(one, other), np.maximum(one, other), np.full(len(one), int(mirrored))]
                    pairs.append(np.stack(ends, axis=1))
            pairs = [np.unique(np.concatenate(pairs), axis=0)]
    return pairs[0]


def _mask(bits: np.ndarray) -> np.uint64:
    return np.bitwise_or.reduce(np.uint64(1) << bits.astype(np.uint64))


def _meetings(
    asked: np.ndarray, mask: np.uint64, order: np.ndarray, keys: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield blocks of (asking image, image in its bucket) of one table."""
    wanted = asked & mask
    sorting = np.argsort(wanted)  # neighbors in memory are found several times as fast
    low = np.searchsorted(keys, wanted[sorting], "left")
    size = np.minimum(np.searchsorted(keys, wanted[sorting], "right") - low, LARGEST_BUCKET)
    ends = np.cumsum(size)
    start = 0
    while start < len(size):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + BLOCK, "right")))
        part = size[start:stop]
        one = np.repeat(sorting[start:stop], part)
        within = np.arange(part.sum()) - np.repeat(np.cumsum(part) - part, part)
        yield one, order[np.repeat(low[start:stop], part) + within]
        start = stop
