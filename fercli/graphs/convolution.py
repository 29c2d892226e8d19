"""Graph convolution between the pixels of two maps, with a limit on the part of the graph that is in memory."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from fercli.graphs.noise import uniform
from fercli.graphs.sampling import Sampling
from fercli.ops.pairs import directions
from fercli.ops.pairwise import full_precision

Noise = Callable[[int, int], Tensor | None]


def pixels(map: Tensor) -> Tensor:
    """(B, h * w, D) rows of a map (B, D, h, w), float32 or better."""
    return full_precision(map).flatten(2).mT


def similarity(x: Tensor, y: Tensor) -> Tensor:
    """(B, r, P) cosine of rows of x (B, r, D) with rows of y (B, P, D), all of length 1 or 0; negative ones become 0.

    Source: Lin 2021, equation 3.1, where the second index of the denominator is misprinted.
    """
    return (x @ y.mT).clamp(min=0)


def noise_for(seed: int | None, x: Tensor, y: Tensor, shared: bool) -> Noise:
    """Return a function of the first and last row (exclusive) of x; it gives the noise (B, r, P) of these rows.

    There is one number for the similarity of each of these rows with each row of y.

    Args:
        seed: None: no noise.
        shared: all samples of the batch get the same noise, so that no sample depends on its place in the batch.
    """

    def drawn(first: int, last: int) -> Tensor | None:
        if seed is None:
            return None
        sample = torch.arange(1 if shared else x.shape[0], device=x.device)
        rows, columns = torch.arange(first, last, device=x.device), torch.arange(y.shape[1], device=x.device)
        return uniform(seed, sample, rows, columns)

    return drawn


def normalized_sums(
    sampling: Sampling,
    x: Tensor,
    y: Tensor,
    to_x: tuple[Tensor, Tensor],
    to_y: tuple[Tensor, Tensor] | None = None,
    noise: Noise | None = None,
    max_entries: int = 2**22,
) -> tuple[Tensor, Tensor | None]:
    """Sums that the pixels of x receive along the graph from y to x, and those of y along its transpose.

    Row i of the first result is (sum_j g_ij values_j + own_i) / (sum_j g_ij + 1) with kept similarities g. The graph
    is computed in parts of as many rows as `max_entries` allows. If there are several parts, they are not stored for
    the backward pass but computed again. The result does not depend on the number of parts.

    Args:
        x: (B, P, D).
        y: (B, Q, D).
        to_x: values (B, Q, E) that the pixels of x receive, and an own row (B, P, E) for each pixel of x.
        to_y: the same for y, with values (B, P, E); None if y receives nothing.
        noise: function of the first and last row, see `noise_for`.
        max_entries: number of similarities in memory at once.

    Source: Lin 2021, equation 3.3.
    """
    unit_x, unit_y = directions(x), directions(y)
    if to_y is None or not sampling.per_receiver:
        return _in_parts(sampling, unit_x, unit_y, to_x, to_y, noise, max_entries)
    of_x, _ = _in_parts(sampling, unit_x, unit_y, to_x, None, noise, max_entries)
    of_y, _ = _in_parts(sampling, unit_y, unit_x, to_y, None, noise, max_entries)
    return of_x, of_y


def _in_parts(
    sampling: Sampling,
    x: Tensor,
    y: Tensor,
    to_x: tuple[Tensor, Tensor],
    to_y: tuple[Tensor, Tensor] | None,
    noise: Noise | None,
    max_entries: int,
) -> tuple[Tensor, Tensor | None]:
    """`normalized_sums` of unit vectors, with one graph for both directions."""

    def part(first: int, last: int, rows: Tensor, others: Tensor, values: Tensor, back: Tensor | None) -> list[Tensor]:
        weights = sampling(similarity(rows, others), noise(first, last) if noise else None)
        sums = [weights @ values, weights.sum(2, keepdim=True)]
        return sums if back is None else [*sums, weights.mT @ back, weights.sum(1)[..., None]]

    num_rows = x.shape[1]
    # An exported network takes batches of any size, so the number of its parts cannot depend on the batch.
    step = num_rows if torch.compiler.is_exporting() else max(1, max_entries // (x.shape[0] * y.shape[1]))
    forth: list[Tensor] = []
    back: list[Tensor] = []
    with torch.autocast(x.device.type, enabled=False):
        for first in range(0, num_rows, step):
            rows = slice(first, min(first + step, num_rows))
            fields = (x[:, rows], y, to_x[0], None if to_y is None else to_y[0][:, rows])
            if step >= num_rows:
                sums = part(first, rows.stop, *fields)
            else:
                sums = checkpoint(part, first, rows.stop, *fields, use_reentrant=False, preserve_rng_state=False)
            forth.append(_normalized(sums[0], sums[1], to_x[1][:, rows]))
            back = [a + b for a, b in zip(back, sums[2:], strict=True)] if back else sums[2:]
    return torch.cat(forth, 1), None if to_y is None else _normalized(back[0], back[1], to_y[1])


def _normalized(sums: Tensor, degree: Tensor, own: Tensor) -> Tensor:
    return (sums + own) / (degree + 1)
