"""Random numbers for the entries of a matrix that do not depend on which rows are requested."""

import numpy as np
from torch import Tensor

WORD = 0xFFFFFFFF


def uniform(seed: int, sample: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """One number in [0, 1) for each entry of a stack of matrices: (B, r, c) float32, a multiple of 2^-24.

    The number is a hash of the place. Rows therefore get the same numbers when they are drawn in parts, drawn again in
    the backward pass, or drawn on another device. The generators of torch give other numbers for other parts.

    Args:
        seed: 0 or more.
        sample: (B,) int64 number of each matrix.
        row: (r,) int64.
        column: (c,) int64.

    Source: the multiply-and-shift hash of 32 bits with the least bias that hash-prospector lists (Wellons 2018).
    """
    first, second = (int(word) for word in np.random.SeedSequence(seed).generate_state(2))
    key = _mixed(sample ^ first)[:, None] ^ second
    key = _mixed(_mixed(key ^ row)[..., None] ^ column)
    return (key >> 8).float() * 2.0**-24


def _mixed(word: Tensor) -> Tensor:
    """Permute numbers of 32 bits; they are in int64 and the factors below 2^31, so that no product overflows."""
    word = word ^ (word >> 16)
    word *= 0x21F0AAAD
    word &= WORD
    word ^= word >> 15
    word *= 0x735A2D97
    word &= WORD
    word ^= word >> 15
    return word
