"""Encoded image bytes to pixels and back, refusing what is damaged instead of showing half of it."""

from typing import Literal

import cv2
import numpy as np

# A damaged image becomes a Reject with its reason; OpenCV's own lines on stderr would only tear the progress bar.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
Encoding = Literal["png", "jpeg"]
ENCODINGS = ("png", "jpeg")


class ImageError(Exception):
    """The bytes are no complete image of a kind that is understood; the text says why."""


def decode(data: bytes) -> np.ndarray:
    """Pixels of an encoded image: (H, W) or (H, W, 3) RGB, uint8.

    16-bit images are scaled to 8 bits, transparent pixels are laid on black, and the EXIF orientation is applied, so
    that the picture is what a viewer shows.

    Raises:
        ImageError: empty, truncated, damaged, or of another pixel type.
    """
    _check_complete(data)
    # IMREAD_UNCHANGED keeps transparency and ignores the orientation; the other flags do the opposite.
    flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH if has_orientation(data) else cv2.IMREAD_UNCHANGED
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ImageError(str(error.err or "OpenCV refused it")) from None
    if image is None:
        raise ImageError("damaged, truncated or of an unknown format")
    if image.dtype == np.uint16:
        image = np.round(image / 257).astype(np.uint8)
    if image.dtype != np.uint8:
        raise ImageError(f"pixels are {image.dtype}, expected 8 or 16 bit")
    if image.ndim == 3 and image.shape[2] == 4:
        opacity = image[..., 3:] / 255
        image = np.round(image[..., :3] * opacity).astype(np.uint8)
    return image if image.ndim == 2 else np.ascontiguousarray(image[..., ::-1])


def encode(image: np.ndarray, encoding: Encoding) -> bytes:
    """Encoded bytes of (H, W) or (H, W, 3) RGB uint8: lossless PNG, or JPEG of quality 95."""
    pixels = image if image.ndim == 2 else image[..., ::-1]
    if encoding == "png":
        return cv2.imencode(".png", pixels)[1].tobytes()
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def is_storable(data: bytes, encoding: Encoding) -> bool:
    """Whether these bytes of a complete image may go into a store as they are.

    A JPEG may stay even where PNG is asked for: to encode its pixels again without loss only makes it larger.
    """
    if has_orientation(data):
        return False
    if data.startswith(PNG):
        bit_depth = data[24]
        return encoding == "png" and bit_depth == 8
    return data.startswith(JPEG)


def has_orientation(data: bytes) -> bool:
    """Whether EXIF data, which may say that the picture must be turned, come with the image."""
    return b"Exif\0\0" in data or b"eXIf" in data


def _check_complete(data: bytes) -> None:
    """Raise ImageError for a PNG or JPEG without its end: older decoders fill the missing part with grey, silently."""
    if not data:
        raise ImageError("empty file")
    if data.startswith(PNG) and b"IEND" not in data[-64:]:
        raise ImageError("truncated PNG: no end marker")
    # Scan data hold no marker, and a thumbnail's end lies before the scan: the last end must follow the last scan.
    if data.startswith(JPEG) and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda"):
        raise ImageError("truncated JPEG: no end marker")
