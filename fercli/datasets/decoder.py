"""The decoder that reads stores."""

import torch
from torch import Tensor
from torchvision.io import ImageReadMode, decode_image

MODES = {None: ImageReadMode.UNCHANGED, 1: ImageReadMode.GRAY, 3: ImageReadMode.RGB}


def decoded(encoded: bytes, channels: int | None) -> Tensor:
    """Return (C, H, W) uint8 pixels of a PNG or JPEG. A damaged PNG can end the process.

    Args:
        channels: 3 for RGB, 1 for gray, None for the channels of the file.

    Raises:
        RuntimeError: the decoder refuses the bytes.
    """
    writable = bytearray(encoded)  # frombuffer warns of bytes, which are read-only
    return decode_image(torch.frombuffer(writable, dtype=torch.uint8), mode=MODES[channels])
