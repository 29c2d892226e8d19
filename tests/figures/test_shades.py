"""Shades lie over the page: nothing at zero, and more color the larger the value is."""

import numpy as np
import pytest

from fercli.figures.shades import SHADES, SIGNED, text_on


def test_the_shade_of_a_value_is_its_share_of_the_largest():
    np.testing.assert_allclose(SHADES(np.linspace(0, 1, 5))[:, 3], np.linspace(0, 1, 5), atol=0.01)
    np.testing.assert_allclose(SHADES.reversed()(np.linspace(0, 1, 5))[:, 3], np.linspace(1, 0, 5), atol=0.01)


def test_values_of_both_signs_differ_in_hue_and_fade_to_nothing_at_zero():
    colors = SIGNED((np.array([-1, -0.4, 0, 0.4, 1]) + 1) / 2)
    np.testing.assert_allclose(colors[:, 3], [1, 0.4, 0, 0.4, 1], atol=0.01)
    assert (colors[:2, 2] > colors[:2, 0]).all()  # blue
    assert (colors[3:, 0] > colors[3:, 2]).all()  # red


@pytest.mark.parametrize("page", [(1.0, 1.0, 1.0), (0.11, 0.13, 0.16)])
@pytest.mark.parametrize("shades", [SHADES, SIGNED])
def test_numbers_can_be_read_on_every_cell_of_a_light_and_of_a_dark_page(page, shades):
    """A contrast of 3 to 1 at least, as WCAG asks of large text and of figures."""
    ink = (0.11, 0.14, 0.19) if page[0] == 1 else (0.91, 0.92, 0.94)
    for value in np.linspace(0, 1, 101):
        *color, alpha = shades(value)
        cell = [alpha * c + (1 - alpha) * p for c, p in zip(color, page, strict=True)]
        text = (1, 1, 1) if text_on(alpha) == "white" else ink
        light, dark = sorted((luminance(cell), luminance(text)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 3


def luminance(color):
    """Relative luminance of sRGB in [0, 1], as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
