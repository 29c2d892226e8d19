import io
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from fercli.datasets.decoder import decoded
from fercli.preprocess.codec import decode, encode, is_storable
from fercli.preprocess.image_head import ImageError

RGB = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)


def encoded(image, kind, **options):
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
@pytest.mark.parametrize("image", [RGB, RGB[..., 0]], ids=["color", "gray"])
def test_lossless_formats_come_back_as_they_were(kind, image):
    np.testing.assert_array_equal(decode(encoded(image, kind)), image)


def test_colors_keep_their_order_in_jpeg():
    red = np.full((16, 16, 3), (250, 10, 20), np.uint8)
    np.testing.assert_allclose(decode(encoded(red, "JPEG", quality=95)).mean((0, 1)), [250, 10, 20], atol=3)


def test_16_bit_is_scaled():
    values = np.array([[0, 257, 128 * 257, 65535]], np.uint16)
    np.testing.assert_array_equal(decode(encoded(values, "PNG")), [[0, 1, 128, 255]])


def test_transparent_pixels_lie_on_black():
    image = np.dstack([RGB, np.where(np.arange(40) < 20, 0, 255).astype(np.uint8) * np.ones((24, 1), np.uint8)])
    pixels = decode(encoded(image, "PNG"))
    assert (pixels[:, :20] == 0).all()
    np.testing.assert_array_equal(pixels[:, 20:], RGB[:, 20:])


def test_palette_and_gray_with_alpha():
    stream = io.BytesIO()
    Image.fromarray(RGB).convert("P").save(stream, "PNG")
    assert decode(stream.getvalue()).shape == (24, 40, 3)
    assert decode(encoded(np.dstack([RGB[..., 0], np.full((24, 40), 255, np.uint8)]), "PNG")).shape == (24, 40, 3)


# What a viewer shows for each value of the tag, from the table of EXIF 2.32.
SEEN = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: image.swapaxes(0, 1)[::-1, ::-1],
    8: lambda image: np.rot90(image),
}
COLORS = np.array([[[200, 40, 40], [40, 200, 40]], [[40, 40, 200], [220, 220, 220]]], np.uint8)
QUARTERS = COLORS.repeat(16, 0).repeat(32, 1)


@pytest.mark.parametrize("orientation", SEEN)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("AVIF", {"quality": 95}),
    ],
)
def test_orientation_is_applied_in_every_format(kind, options, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(encoded(QUARTERS, kind, exif=exif, **options)).astype(int)
    expected = SEEN[orientation](QUARTERS).astype(int)
    assert pixels.shape == expected.shape
    assert np.abs(pixels - expected).mean() < 8  # lossy formats blur the edges between the quarters


def test_bytes_with_an_orientation_are_not_stored():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(RGB, "JPEG", exif=exif)
    assert not is_storable(turned, decode(turned), "png", 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "TIFF"])
@pytest.mark.parametrize("missing", [2, 20, 0.5, 0.95])
def test_truncated_images_are_refused(kind, missing):
    data = encoded(RGB, kind)
    cut = missing if isinstance(missing, int) else int(len(data) * missing)
    with pytest.raises(ImageError):
        decode(data[:-cut])


def test_truncated_jpeg_with_a_whole_thumbnail_is_refused():
    picture, thumbnail = encoded(RGB, "JPEG"), encoded(RGB[:8, :8], "JPEG")
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = picture[:2] + segment + picture[2:]
    assert decode(whole).shape == (24, 40, 3)
    with pytest.raises(ImageError, match="truncated JPEG"):
        decode(whole[:-20])


def test_a_damaged_png_is_refused():
    data = bytearray(encoded(RGB, "PNG"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(ImageError):
        decode(bytes(data))


@pytest.mark.parametrize("data", [b"", b"no image", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_image_is_refused(data):
    with pytest.raises(ImageError):
        decode(data)


def test_float_pixels_are_refused():
    with pytest.raises(ImageError, match="float32"):
        decode(encoded(np.ones((4, 4), np.float32), "TIFF"))


def test_encoding_png_is_lossless_and_jpeg_is_not_far_off():
    np.testing.assert_array_equal(decode(encode(RGB, "png")), RGB)
    smooth = np.tile(np.arange(0, 240, 6, dtype=np.uint8), (24, 1))
    assert np.abs(decode(encode(smooth, "jpeg")).astype(int) - smooth).max() <= 4


def palette(**options):
    stream = io.BytesIO()
    Image.fromarray(RGB).quantize(256).save(stream, "PNG", **options)
    return stream.getvalue()


def cmyk():
    stream = io.BytesIO()
    Image.fromarray(RGB).convert("CMYK").save(stream, "JPEG")
    return stream.getvalue()


def hidden(colors):
    """A PNG whose left half is transparent: no viewer shows the colors there."""
    alpha = np.where(np.arange(40) < 20, 0, 255).astype(np.uint8) * np.ones((24, 1), np.uint8)
    return encoded(np.dstack([colors, alpha]), "PNG")


KINDS = {
    "color": encoded(RGB, "PNG"),
    "gray": encoded(RGB[..., 0], "PNG"),
    "palette": palette(),
    "palette with transparency": palette(transparency=0),
    "transparency": hidden(RGB),
    "gray with transparency": hidden(RGB[..., 0]),
    "one transparent color": encoded(RGB, "PNG", transparency=tuple(map(int, RGB[0, 0]))),
    "one transparent gray": encoded(RGB[..., 0], "PNG", transparency=int(RGB[0, 0, 0])),
    "16 bit": encoded(RGB[..., 0].astype(np.uint16) * 257, "PNG"),
    "black and white": encoded(RGB[..., 0] > 127, "PNG"),
    "jpeg": encoded(RGB, "JPEG"),
    "gray jpeg": encoded(RGB[..., 0], "JPEG"),
    "progressive jpeg": encoded(RGB, "JPEG", progressive=True),
    "CMYK jpeg": cmyk(),
    "webp": encoded(RGB, "WEBP"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_training_reads_the_pixels_that_prediction_sees(kind):
    data = KINDS[kind]
    pixels = decode(data)
    stored = data if is_storable(data, pixels, "png", 3) else encode(pixels, "png")
    read = decoded(stored, 3).permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(read, pixels if pixels.ndim == 3 else np.dstack([pixels] * 3))


@pytest.mark.parametrize("kind", ["color", "gray", "palette", "jpeg", "gray jpeg", "progressive jpeg", "CMYK jpeg"])
def test_bytes_stay_as_they_are_where_both_decoders_agree(kind):
    assert is_storable(KINDS[kind], decode(KINDS[kind]), "png", 3)


@pytest.mark.parametrize("kind", ["color", "transparency", "16 bit", "webp"])
def test_png_and_what_is_neither_do_not_stay_where_jpeg_is_asked_for(kind):
    assert not is_storable(KINDS[kind], decode(KINDS[kind]), "jpeg", 3)


@pytest.mark.parametrize("kind", ["transparency", "16 bit", "webp"])
def test_bytes_do_not_stay_where_training_would_read_other_pixels(kind):
    assert not is_storable(KINDS[kind], decode(KINDS[kind]), "png", 3)


@pytest.mark.parametrize("size", [(8, 8), (23, 39), (100, 101), (1, 1)])
@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"progressive": True}, {"quality": 40}], ids=str)
def test_sound_jpegs_have_the_pixels_that_opencv_gives(size, options):
    image = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    data = encoded(image, "JPEG", **options)
    np.testing.assert_array_equal(decode(data), cv2.imdecode(np.frombuffer(data, np.uint8), 1)[..., ::-1])


def test_a_damaged_jpeg_is_refused_where_the_decoder_of_training_refuses_it():
    smooth = np.add.outer(np.arange(48) * 3, np.arange(48) * 2).astype(np.uint8)
    sound, rng, shown_by_opencv_alone = encoded(np.dstack([smooth] * 3), "JPEG"), np.random.default_rng(0), 0
    for _ in range(600):
        data = bytearray(sound)
        data[rng.integers(2, len(data))] ^= 1 << rng.integers(8)
        try:
            decode(bytes(data))
        except ImageError:
            try:
                shown_by_opencv_alone += cv2.imdecode(np.frombuffer(data, np.uint8), 1) is not None
            except cv2.error:
                continue
        else:
            decoded(bytes(data), 3)  # raises where it is damaged
    assert shown_by_opencv_alone > 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("tail", [bytes(200), b"\xff\xda a short video \xff\xd8\xff"], ids=["zeros", "markers"])
def test_bytes_after_the_end_are_ignored(kind, tail):
    data = encoded(RGB, kind)
    np.testing.assert_array_equal(decode(data + tail), decode(data))


def declared(width, height):
    """A PNG of a hundred bytes that says that it has this size."""
    data = encoded(RGB[:1, :1], "PNG")
    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + data[24:29]
    return data[:12] + head + zlib.crc32(head).to_bytes(4, "big") + data[33:]


def test_the_declared_size_is_checked_before_anything_is_decoded(monkeypatch):
    monkeypatch.setattr("fercli.preprocess.codec._by_opencv", lambda data: pytest.fail("it was decoded"))
    with pytest.raises(ImageError, match="30,000 x 30,000 pixels; expected at most 120 megapixels") as refused:
        decode(declared(30_000, 30_000))
    assert refused.value.reason == "image is larger than max_megapixels"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "TGA"])
def test_the_limit_holds_in_every_format(kind):
    data = encoded(RGB, kind)
    assert decode(data, max_megapixels=24 * 40 / 1e6).shape == RGB.shape
    with pytest.raises(ImageError, match="40 x 24 pixels"):
        decode(data, max_megapixels=(24 * 40 - 1) / 1e6)


@pytest.mark.parametrize("kind", ["GIF", "AVIF", "JPEG2000", "WEBP", "TGA", "PCX", "QOI", "SGI"])
def test_formats_that_people_have_are_read_by_their_content(kind):
    assert np.abs(decode(encoded(QUARTERS, kind)).astype(int) - QUARTERS).mean() < 8
