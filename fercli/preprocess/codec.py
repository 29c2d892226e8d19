"""Encoded image bytes to pixels and back; a damaged image is refused, not decoded in part."""

import io
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from fercli.preprocess.image_head import JPEG, PILLOW, PNG, Head, ImageError, read_head

# A damaged image becomes a Reject with its reason; OpenCV's own lines on stderr would break the progress bar.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

Encoding = Literal["png", "jpeg"]
ENCODINGS = ("png", "jpeg")
MAX_MEGAPIXELS = 120.0  # no image of a face data set is larger; a megapixel takes 3 MB, and 3 MB more to rotate it


def decode(data: bytes, max_megapixels: float = MAX_MEGAPIXELS) -> np.ndarray:
    """Decode an image: (H, W) or (H, W, 3) RGB, uint8. The content decides the format, not the file's name.

    16-bit images are scaled to 8 bits, transparent pixels are blended with black, and the orientation in the file is
    applied, as in an image viewer. Of an animation, the first image is decoded.

    Args:
        max_megapixels: millions of pixels. A larger image is refused by its declared size before it is decoded,
            because a small file can declare any size.

    Raises:
        ImageError: the image is empty, truncated, damaged or too large, has another pixel type, or a format without a
            decoder.
    """
    head = read_head(data)
    if head.width * head.height > max_megapixels * 1e6:
        found = f"{head.width:,} x {head.height:,} pixels; expected at most {max_megapixels:g} megapixels"
        raise ImageError(found, "image is larger than max_megapixels")
    return _turned(_on_black(_pixels(data, head)), head.orientation)


def encode(image: np.ndarray, encoding: Encoding) -> bytes:
    """Encode an image, (H, W) or (H, W, 3) RGB uint8, as lossless PNG or as JPEG of quality 95."""
    pixels = image if image.ndim == 2 else image[..., ::-1]
    if encoding == "png":
        return cv2.imencode(".png", pixels)[1].tobytes()
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def is_storable(data: bytes, pixels: np.ndarray, encoding: Encoding, channels: int) -> bool:
    """Return whether the bytes of a complete image may go into a store unchanged.

    They may if the decoder that reads stores, which applies neither orientation nor transparency, gives the same
    pixels. A JPEG may stay a JPEG even if `encoding` is `png`: encoding its pixels again without loss only makes it
    larger.

    Args:
        pixels: pixels of these bytes, as `decode` returns them.
        channels: number of channels with which the store is read, 3 or 1.
    """
    if not data.startswith(JPEG) and not (data.startswith(PNG) and encoding == "png" and data[24] == 8):
        return False
    if b"Exif\0\0" in data or b"eXIf" in data:
        return False
    from fercli.datasets.decoder import decoded  # torch takes seconds

    try:
        read = decoded(data, channels).permute(1, 2, 0).numpy()
    except RuntimeError:
        return False
    expected = pixels[..., None] if pixels.ndim == 2 else pixels
    return read.shape[:2] == expected.shape[:2] and bool((read == expected).all())


def _pixels(data: bytes, head: Head) -> np.ndarray:
    """Return the decoded pixels: (H, W), (H, W, 3) RGB or (H, W, 4) RGBA, uint8."""
    if head.format == "JPEG":
        return _as_read(data)
    return _by_pillow(data, head) if head.format in PILLOW else _by_opencv(data)


def _as_read(data: bytes) -> np.ndarray:
    """Decode a JPEG with the decoder that reads stores: OpenCV decodes some damaged files only in part."""
    from fercli.datasets.decoder import decoded  # torch takes seconds

    try:
        image = decoded(data, None)
        image = image if len(image) != 4 else decoded(data, 3)  # four channels are CMYK
    except RuntimeError as error:
        raise ImageError(f"damaged JPEG: {str(error).splitlines()[0]}") from None
    pixels = np.ascontiguousarray(image.permute(1, 2, 0).numpy())
    return pixels[..., 0] if pixels.shape[2] == 1 else pixels


def _by_opencv(data: bytes) -> np.ndarray:
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)  # with alpha channel, not rotated
    except cv2.error as error:
        raise ImageError(str(error.err or "OpenCV refused it")) from None
    if image is None:
        raise ImageError("damaged, truncated or of an unknown format")
    if image.dtype == np.uint16:
        image = np.round(image / 257).astype(np.uint8)
    if image.dtype != np.uint8:
        raise ImageError(f"pixels are {image.dtype}, expected 8 or 16 bit")
    if image.ndim == 2:
        return image
    return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB)


def _by_pillow(data: bytes, head: Head) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(data), formats=[head.format]) as image:
            if image.mode in ("1", "L"):
                return np.asarray(image.convert("L"))
            return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))
    except Exception as error:  # Pillow raises many kinds of errors on damaged files
        raise ImageError(f"damaged {head.format}: {error}") from None


def _on_black(image: np.ndarray) -> np.ndarray:
    if image.ndim == 2 or image.shape[2] == 3:
        return image
    return np.round(image[..., :3] * (image[..., 3:] / 255)).astype(np.uint8)


def _turned(image: np.ndarray, orientation: int) -> np.ndarray:
    """Rotate and flip an image by its orientation. Source: EXIF 2.32, tag Orientation."""
    if orientation >= 5:  # rows and columns are exchanged
        image = image.swapaxes(0, 1)
    rows = slice(None, None, -1 if orientation in (3, 4, 7, 8) else 1)
    columns = slice(None, None, -1 if orientation in (2, 3, 6, 7) else 1)
    return np.ascontiguousarray(image[rows, columns])
