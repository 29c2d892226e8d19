import io

import numpy as np
import pytest
from PIL import Image

from fercli.preprocess.codec import ImageError, decode, encode, is_storable

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


def test_orientation_is_applied_and_such_bytes_are_not_stored():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    turned = encoded(RGB, "JPEG", exif=exif)
    assert decode(turned).shape == (40, 24, 3)
    assert not is_storable(turned, "png")


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


def test_which_bytes_may_be_stored():
    png, jpeg, bmp = (encoded(RGB, kind) for kind in ("PNG", "JPEG", "BMP"))
    assert [is_storable(data, "png") for data in (png, jpeg, bmp)] == [True, True, False]
    assert [is_storable(data, "jpeg") for data in (png, jpeg, bmp)] == [False, True, False]
    assert not is_storable(encoded(np.zeros((4, 4), np.uint16), "PNG"), "png")
