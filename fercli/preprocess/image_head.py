"""The header of an image, read before decoding: format, size, orientation, and whether the bytes are complete."""

import io
import logging
import re
import warnings
import zlib
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image

from fercli.datasets.readers.media_names import UNDECODED_SUFFIXES

# A damaged image becomes a Reject with its reason; Pillow's own lines on stderr would break the progress bar.
logging.getLogger("PIL").setLevel(logging.CRITICAL)
Image.MAX_IMAGE_PIXELS = None  # `decode` checks the size for every format; its limit is an option

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
OPENCV = ("AVIF", "BMP", "DIB", "GIF", "JPEG2000", "PPM", "TIFF", "WEBP")  # formats that OpenCV decodes
PILLOW = ("PCX", "QOI", "SGI", "TGA")  # formats that Pillow decodes, because OpenCV cannot
ORIENTATION = 0x0112  # tag of EXIF
# A JPEG or PNG without any of these has no orientation, and need not be opened a second time.
MARKS_OF_ORIENTATION = (b"Exif\0\0", b"eXIf", b"Raw profile type", b"tiff:Orientation")
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # markers of a JPEG, without those inside a scan
FRAME_SIZE = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers of a JPEG that are followed by height and width
SCAN, END = 0xDA, 0xD9
NEWER_SUBFILE, DNG_VERSION = 254, 50706  # tags of TIFF


class ImageError(Exception):
    """The bytes are not a complete image of a known format; the text says why.

    Attributes:
        reason: a short constant phrase, by which rows are counted.
    """

    def __init__(self, found: str, reason: str = "image cannot be decoded"):
        super().__init__(found)
        self.reason = reason


class UnknownFormatError(ImageError):
    """No decoder knows the bytes."""


@dataclass(frozen=True)
class Head:
    """Format by content, width and height in pixels as stored, and orientation, 1 to 8 as EXIF counts them."""

    format: str
    width: int
    height: int
    orientation: int = 1


def read_head(data: bytes) -> Head:
    """Read the header of an encoded image; the content decides the format, not the file's name.

    A PNG or JPEG is checked for completeness: some decoders fill the missing part of a truncated JPEG with gray and
    raise no error. Bytes after the end are ignored.

    Raises:
        ImageError: the image is empty or truncated, or the bytes are a video.
        UnknownFormatError: no decoder knows the format.
    """
    if not data:
        raise ImageError("empty file")
    if data.startswith(PNG):
        return Head("PNG", *_png_size(data), _orientation(data))
    if data.startswith(JPEG):
        return Head("JPEG", *_jpeg_size(data), _orientation(data))
    with _opened(data, (*OPENCV, *PILLOW)) as image:
        if image.format == "TIFF" and _is_camera_raw(image, data):
            raise no_decoder("raw files of cameras")
        # OpenCV applies the orientation of a TIFF itself.
        orientation = 1 if image.format == "TIFF" else _tag(image)
        return Head(str(image.format), *image.size, orientation)


def said_of(name: str, error: ImageError) -> ImageError:
    """Return the error for a file of this name: the suffix may tell a format that the content does not."""
    suffix = PurePath(name).suffix.lower()
    unknown = isinstance(error, UnknownFormatError) and error.reason == ImageError("").reason
    return no_decoder(f"{suffix} files") if unknown and suffix in UNDECODED_SUFFIXES else error


def no_decoder(what: str) -> UnknownFormatError:
    """Return the error for a known format that fercli cannot decode."""
    return UnknownFormatError(f"{what}: no decoder is installed", f"no decoder for {what}: convert them to PNG or JPEG")


def is_image(data: bytes) -> bool:
    """Return whether the first bytes of a file are those of an image, also of a format that fercli cannot decode."""
    return data.startswith((PNG, JPEG, b"GIF8", b"BM", b"II*\0", b"MM\0*")) or (
        data[8:12] == b"WEBP" or data[4:12] in (b"ftypavif", b"ftypavis") or data[4:8] == b"jP  " or _is_heif(data)
    )


def is_video(data: bytes) -> bool:
    """Return whether the first bytes of a file are those of a video."""
    return (
        (data[:4] == b"RIFF" and data[8:12] == b"AVI ")
        or data.startswith((b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"FLV\1", b"0&\xb2u"))
        or (data[4:8] == b"ftyp" and not is_image(data) and data[8:11] != b"crx")
    )


def _is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS


def _opened(data: bytes, formats: tuple[str, ...]) -> Image.Image:
    """Open an image with Pillow without decoding it; formats for which Pillow starts other programs are never tried."""
    if is_video(data):
        raise ImageError("holds a video")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Image.open(io.BytesIO(data), formats=formats)
        except Exception:  # Pillow raises many kinds of errors on damaged files
            pass
    if _is_heif(data) and data[8:12] not in (b"mif1", b"msf1"):
        raise no_decoder("HEIC files")
    if _is_heif(data):
        raise no_decoder("HEIF files")
    if data[4:12] in (b"ftypavif", b"ftypavis") and "AVIF" not in Image.OPEN:
        raise no_decoder("AVIF files")
    if data.startswith(b"\xff\x0a") or data[4:8] == b"JXL ":
        raise no_decoder("JPEG XL files")
    raise UnknownFormatError("damaged, truncated or of an unknown format")


def _orientation(data: bytes) -> int:
    if not any(mark in data for mark in MARKS_OF_ORIENTATION):
        return 1
    try:
        with _opened(data, ("PNG", "JPEG", "MPO")) as image:
            return _tag(image)
    except ImageError:
        return 1


def _tag(image: Image.Image) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # damaged EXIF data are ignored
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _is_camera_raw(image: Image.Image, data: bytes) -> bool:
    """Return whether a TIFF is a camera's raw file; its first image is only a small copy of the photograph."""
    tags = image.tag_v2  # type: ignore[attr-defined]
    return data[8:10] == b"CR" or DNG_VERSION in tags or tags.get(NEWER_SUBFILE) == 1


def _png_size(data: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, after a check of its end marker and of the checksums of its image data."""
    at = len(PNG)
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 8 + length
        if kind == b"IEND":
            return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
        if kind == b"IDAT" and zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
            raise ImageError("damaged PNG: its checksum differs")
        at = end + 4
    raise ImageError("truncated PNG: no end marker")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG, after a check of its end marker; a thumbnail in the header does not count."""
    at, size, scans = 2, (0, 0), 0
    while found := NEXT_MARKER.search(data, at):
        marker, at = data[found.end() - 1], found.end()
        if marker == END and scans:
            return size
        if marker in (END, 0xD8, 0x01):
            continue
        if marker in FRAME_SIZE and size == (0, 0):
            size = int.from_bytes(data[at + 5 : at + 7], "big"), int.from_bytes(data[at + 3 : at + 5], "big")
        scans += marker == SCAN
        at += int.from_bytes(data[at : at + 2], "big")
    raise ImageError("truncated JPEG: no end marker")
