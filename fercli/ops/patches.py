"""Positions of 24 patches of a face, from its 68 landmarks, and cutting them out of a feature map.

Points are (x, y) in pixels. Here the corner of the top left pixel is (0, 0) and its center (0.5, 0.5), so a mirrored
face has mirrored windows.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from fercli.ops.constant import constant

WINDOW = 6  # cells of a patch along both axes
# Landmark numbers start at 1, as is usual (iBUG order); patches are in the order of the modules.
DIRECT = (19, 22, 23, 26, 39, 37, 44, 46, 28, 30, 49, 51, 53, 55, 59, 57)
MIDPOINTS = ((20, 38), (42, 41), (25, 45), (47, 48), (18, 59), (27, 57))
CORNERS = (49, 55)  # of the mouth; the last two patches are shifted from them into the cheeks
BROWS = (19, 22, 23, 26)
USED = tuple(sorted({*DIRECT, *(number for pair in MIDPOINTS for number in pair), *CORNERS}))
NUM_PATCHES = len(DIRECT) + len(MIDPOINTS) + len(CORNERS)
FACE_SIZE = 224  # pixels of the images of the source


@dataclass(frozen=True)
class PatchRule:
    """Rule for the centers of the 24 patches from 68 landmarks. All shifts are in pixels of a face of 224 pixels.

    The source prints a shift of -16 also for the right mouth corner, which moves the patch into the mouth. The landmark
    script of the network that the source follows has +16, as here. `right_corner_dx=-16` gives the printed rule.

    Attributes:
        corner_offset_px: shift up and outward from the left mouth corner, and up from the right mouth corner.
        right_corner_dx: shift to the right from the right mouth corner.
        brow_lift_px: shift up from the four points on the brows; not in the source, but in the landmark script.

    Source: He, Chan and Wang 2021, figure 3; Li et al. 2019 for the 16 points without a shift.
    """

    corner_offset_px: float = 16.0
    right_corner_dx: float = 16.0
    brow_lift_px: float = 0.0

    def centers(self, landmarks: Tensor, size: int = FACE_SIZE) -> Tensor:
        """(B, 24, 2) centers of the patches, detached.

        Args:
            landmarks: (B, 68, 2) in pixels.
            size: height and width of the image in pixels; the shifts are scaled by size / 224.
        """
        landmarks = landmarks.detach()
        direct = _points(landmarks, DIRECT)
        lift = [self.brow_lift_px if number in BROWS else 0.0 for number in DIRECT]
        middle = (_points(landmarks, [a for a, _ in MIDPOINTS]) + _points(landmarks, [b for _, b in MIDPOINTS])) / 2
        up = -self.corner_offset_px
        centers = torch.cat([direct, middle, _points(landmarks, CORNERS)], dim=1)
        shifts = [(0.0, -y) for y in lift] + [(0.0, 0.0)] * len(MIDPOINTS) + [(up, up), (self.right_corner_dx, up)]
        return centers + constant(shifts, centers.device).to(centers) * (size / FACE_SIZE)


def window_starts(centers: Tensor, scale: float = 1 / 8) -> Tensor:
    """(B, 24, 2) int64 first column and row of the window around each center; it may lie outside of the map.

    Args:
        centers: (B, 24, 2) in pixels of the image.
        scale: cells of the map per pixel of the image.

    Examples:
        >>> import torch
        >>> from fercli.ops.patches import window_starts
        >>> window_starts(torch.tensor([[[112.0, 40.0]]]))
        tensor([[[11,  2]]])
    """
    return torch.floor(scale * centers - WINDOW / 2 + 0.5).long()


def cut_windows(map: Tensor, starts: Tensor) -> Tensor:
    """(B, n, C, 6, 6) windows of feature maps (B, C, H, W); 0 where a window leaves the map.

    Args:
        map: gets a gradient; starts do not.
        starts: (B, n, 2) int64 first column and row.
    """
    height, width = map.shape[-2:]
    padded = nn.functional.pad(map, [WINDOW] * 4)
    # A window that lies completely outside is moved next to the border, still outside.
    limits = constant([width, height], map.device)
    first = torch.minimum(starts.clamp(min=-WINDOW), limits) + WINDOW
    cells = torch.arange(WINDOW, device=map.device)
    columns, rows = (first[:, :, axis, None] + cells for axis in (0, 1))
    flat = rows[:, :, :, None] * padded.shape[-1] + columns[:, :, None, :]  # (B, n, 6, 6)
    index = flat.flatten(1)[:, None].expand(-1, map.shape[1], -1)
    values = padded.flatten(2).gather(2, index)
    return values.unflatten(2, flat.shape[1:]).transpose(1, 2)


def _points(landmarks: Tensor, numbers: tuple[int, ...] | list[int]) -> Tensor:
    return landmarks.index_select(1, constant([number - 1 for number in numbers], landmarks.device))
