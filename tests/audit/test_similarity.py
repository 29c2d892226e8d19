import numpy as np
import pytest

from fercli.audit.similarity import Shared, similarities
from fercli.audit.thumbnails import MARGIN, MIDDLE, SHIFTS

NOTHING = Shared.of(np.zeros((0, 48, 48), np.uint8))


def images(number, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (number, 48, 48)).astype(np.uint8)


def correlation(one, other):
    """Equation 1 of Lewis 1995, term by term."""
    a, b = (image.astype(float) - image.mean() for image in (one, other))
    return (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())


def test_without_anything_shared_it_is_the_largest_correlation_over_the_shifts():
    drawn = images(4)
    drawn[1] = np.roll(drawn[0], (2, -1), (0, 1)) // 2 + 20  # moved, with other brightness and contrast
    values, shifts = similarities(drawn, np.array([[1, 0, 0], [2, 3, 1]]), NOTHING)

    def part(image, down=0, right=0):
        return image[MARGIN + down :, MARGIN + right :][:MIDDLE, :MIDDLE]

    best = [
        max(correlation(part(one, *shift), part(other)) for shift in SHIFTS)
        for one, other in ((drawn[1], drawn[0]), (drawn[2][:, ::-1], drawn[3]))
    ]
    np.testing.assert_allclose(values, best, rtol=1e-4)
    assert values[0] > 0.99
    assert shifts[0].tolist() == [2, -1]


@pytest.mark.slow
def test_what_all_images_share_does_not_count():
    rng = np.random.default_rng(0)
    face = rng.normal(0, 40, (48, 48))
    drawn = np.clip(128 + face + rng.normal(0, 10, (60, 48, 48)), 0, 255).astype(np.uint8)
    pair = np.array([[0, 1, 0]])
    plain, rest = (similarities(drawn, pair, shared)[0][0] for shared in (NOTHING, Shared.of(drawn)))
    assert plain > 0.9
    assert abs(rest) < 0.2
    drawn[1] = drawn[0]
    assert similarities(drawn, pair, Shared.of(drawn))[0][0] == pytest.approx(1, abs=1e-5)


def test_a_flat_image_resembles_nothing():
    drawn = np.full((2, 48, 48), 7, dtype=np.uint8)
    assert similarities(drawn, np.array([[0, 1, 0]]), NOTHING)[0].tolist() == [0]
