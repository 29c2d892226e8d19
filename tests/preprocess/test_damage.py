import cv2
import numpy as np
import pytest

from fercli.errors import ConfigError
from fercli.preprocess.damage import Damage

IMAGE = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)


def test_without_damage_an_image_stays_as_it_is():
    assert Damage().is_none
    assert Damage().document == {}
    np.testing.assert_array_equal(Damage().apply(IMAGE), IMAGE)


def test_red_and_blue_change_places_and_gray_stays():
    found = Damage(swap_colors=True).apply(IMAGE)
    for row in range(16):
        for column in range(24):
            red, green, blue = IMAGE[row, column]
            assert found[row, column].tolist() == [blue, green, red]
    np.testing.assert_array_equal(Damage(swap_colors=True).apply(IMAGE[..., 0]), IMAGE[..., 0])


@pytest.mark.parametrize("image", [IMAGE, IMAGE[..., 0]])
def test_jpeg_gives_the_pixels_of_a_file_of_this_quality(image, tmp_path):
    pixels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(tmp_path / "a.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 20])
    read = cv2.imread(str(tmp_path / "a.jpg"), cv2.IMREAD_UNCHANGED)
    expected = read if image.ndim == 2 else cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
    found = Damage(jpeg_quality=20).apply(image)
    np.testing.assert_array_equal(found, expected)
    assert Damage(jpeg_quality=20).document == {"damage": {"jpeg_quality": 20, "swap_colors": False}}
    assert np.abs(found.astype(int) - image).mean() > np.abs(Damage(95).apply(image).astype(int) - image).mean()


@pytest.mark.parametrize(
    "options", [{"jpeg_quality": 0}, {"jpeg_quality": 101}, {"jpeg_quality": True}, {"swap_colors": 1}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(ConfigError, match=f"expected damage.{next(iter(options))}"):
        Damage(**options)
