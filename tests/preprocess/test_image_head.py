import io

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from fercli.preprocess.image_head import ImageError, is_image, is_video, read_head, said_of

RGB = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)
MP4, HEIC = b"\0\0\0\x18ftypmp42" + bytes(50), b"\0\0\0\x18ftypheic" + bytes(50)


def encoded(kind, **options):
    stream = io.BytesIO()
    Image.fromarray(RGB).save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000"])
def test_format_and_size_are_told_by_the_content(kind):
    data = encoded(kind)
    head = read_head(data)
    assert (head.format, head.width, head.height, head.orientation) == (kind, 40, 24, 1)
    assert is_image(data[:16])
    assert not is_video(data[:16])


def test_the_orientation_in_xmp_counts_too():
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    assert read_head(encoded("JPEG", xmp=xmp)).orientation == 6


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (HEIC, "no decoder for HEIC files: convert them to PNG or JPEG"),
        (b"\xff\x0a" + bytes(50), "no decoder for JPEG XL files: convert them to PNG or JPEG"),
        (MP4, "image cannot be decoded"),
        (b"no image", "image cannot be decoded"),
    ],
)
def test_what_nothing_decodes_is_refused_with_a_reason(data, reason):
    with pytest.raises(ImageError) as refused:
        read_head(data)
    assert refused.value.reason == reason


@pytest.mark.parametrize(("name", "tells"), [("a.RAF", True), ("a.svg", True), ("a.png", False), ("a", False)])
def test_an_unknown_format_is_named_by_its_suffix(name, tells):
    with pytest.raises(ImageError) as refused:
        read_head(b"<svg> or whatever")
    assert said_of(name, refused.value).reason.startswith("no decoder for") == tells


def test_the_small_copy_in_a_raw_file_of_a_camera_is_not_taken_for_the_image():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[254] = 1
    with pytest.raises(ImageError) as refused:
        read_head(encoded("TIFF", tiffinfo=tags))
    assert refused.value.reason == "no decoder for raw files of cameras: convert them to PNG or JPEG"


@pytest.mark.parametrize("start", [MP4, b"RIFF\0\0\0\0AVI LIST", b"\x1aE\xdf\xa3" + bytes(9)])
def test_videos_are_told_by_their_first_bytes(start):
    assert is_video(start[:16])
    assert not is_image(start[:16])
