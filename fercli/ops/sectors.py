"""The valence-arousal plane in sectors."""

import math

import torch
from torch import Tensor

from fercli.ops.pairwise import full_precision


def sector(affect: Tensor, num_sectors: int) -> Tensor:
    """(n,) int64 sector of each point, in [0, num_sectors).

    Two sectors are the sides of the arousal axis: 1 where valence is at least 0, else 0. More than two sectors have
    equal angles and are counted from the positive valence axis towards positive arousal. The origin is in sector 0.
    Four sectors are the quadrants; 8 and 12 sectors divide the quadrants.

    Args:
        affect: (n, 2) valence and arousal.
        num_sectors: 2 or more; the source has 2, 4, 8 and 12.

    Source: Antoniadis 2021, section 5.2, which does not say which axis divides the halves or where the sectors begin.

    Examples:
        >>> import torch
        >>> from fercli.ops.sectors import sector
        >>> sector(torch.tensor([[0.5, 0.1], [-0.5, 0.1], [-0.5, -0.1]]), num_sectors=4)
        tensor([0, 1, 2])
    """
    valence, arousal = full_precision(affect).unbind(1)
    if num_sectors == 2:
        return (valence >= 0).long()
    angle = torch.atan2(arousal, valence).remainder(2 * math.pi)
    index = (num_sectors * angle / (2 * math.pi)).floor().clamp(max=num_sectors - 1).long()
    # At the origin, atan2 gives pi if valence is a negative zero.
    return torch.where((valence == 0) & (arousal == 0), 0, index)
