"""Images of a page as WebP, within a number of bytes."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

QUALITIES = (80, 60, 40, 20)
MOST_COLORS = 64  # an image with more colors is a photograph
THUMBNAIL = 56  # pixels of a side
MOST_THUMBNAILS = 600
THUMBNAIL_BYTES = 500_000  # of all thumbnails of a page


def webp_address(data: bytes) -> str:
    """Return the `data:` address of a WebP file."""
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"


def webp(image: Image.Image, most_bytes: int) -> bytes:
    """Return an image as WebP: drawings without loss, photographs at the best quality that keeps to `most_bytes`.

    If no quality does, the image is halved until one does.
    """
    if image.getcolors(MOST_COLORS) is not None and len(drawing := _encoded(image, lossless=True)) <= most_bytes:
        return drawing
    while True:
        for quality in QUALITIES:
            found = _encoded(image, quality=quality)
            if len(found) <= most_bytes or max(image.size) == 1:
                return found
        image = image.resize((max(1, image.width // 2), max(1, image.height // 2)))


def _encoded(image: Image.Image, **options: float) -> bytes:
    out = io.BytesIO()
    image.save(out, "webp", method=4, **options)
    return out.getvalue()


def thumbnail_sheet(images: Sequence[np.ndarray]) -> tuple[bytes, int]:
    """Return a sheet of square thumbnails as WebP, row by row, and the number of its columns.

    Args:
        images: 1 to `MOST_THUMBNAILS` arrays (H, W), (H, W, 1) or (H, W, 3) uint8; each is centered in its square.
    """
    num_columns = max(1, int(np.ceil(np.sqrt(len(images)))))
    num_rows = -(-len(images) // num_columns)
    sheet = Image.new("RGB", (THUMBNAIL * num_columns, THUMBNAIL * num_rows))
    for place, image in enumerate(images):
        row, column = divmod(place, num_columns)
        small = Image.fromarray(image[..., 0] if image.shape[2:] == (1,) else image)
        scale = THUMBNAIL / max(small.size)
        small = small.resize((max(1, round(small.width * scale)), max(1, round(small.height * scale))))
        left, top = (THUMBNAIL - small.width) // 2, (THUMBNAIL - small.height) // 2
        sheet.paste(small, (THUMBNAIL * column + left, THUMBNAIL * row + top))
    return webp(sheet, THUMBNAIL_BYTES), num_columns
