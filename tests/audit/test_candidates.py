import numpy as np

from fercli.audit.candidates import MOST_BITS, candidates
from fercli.audit.hashes import coefficients, hashes
from fercli.audit.thumbnails import SHIFTS


def drawn(number, seed=0):
    """Smooth random images: noise of 6 pixels, enlarged to 48."""
    small = np.random.default_rng(seed).integers(0, 256, (number, 6, 6)).astype(np.uint8)
    return np.repeat(np.repeat(small, 8, axis=1), 8, axis=2)


def close_pairs(images, group):
    """The pairs whose hashes are close for some shift, by comparing every image with every other."""
    found = coefficients(images)
    medians = np.median(found, axis=0)
    plain, pairs = hashes(found, medians), set()
    for shift in SHIFTS:
        for mirrored in (False, True):
            asked = hashes(coefficients(images, shift), medians, mirrored)
            for one in range(len(images)):
                for other in range(len(images)):
                    bits = int(asked[one] ^ plain[other]).bit_count()
                    if group[one] != group[other] and bits <= 2:
                        pairs.add((min(one, other), max(one, other), int(mirrored)))
    return pairs


def test_pairs_that_a_comparison_of_all_finds_are_found():
    images = drawn(30)
    images[20:25] = np.roll(images[:5], (1, 2), (1, 2))
    images[25:30] = images[5:10, :, ::-1]
    group = np.arange(30)
    expected = close_pairs(images, group)
    assert len(expected) >= 10
    found = {tuple(row) for row in candidates(images, group).tolist()}
    assert expected <= found


def test_images_of_one_group_are_not_paired():
    images = np.concatenate([drawn(10), drawn(10)])
    assert candidates(images, np.zeros(20, dtype=int)).shape == (0, 3)
    found = candidates(images, np.arange(20) // 10)
    assert {(i, i + 10, 0) for i in range(10)} <= {tuple(row) for row in found.tolist()}


def test_work_grows_with_the_number_of_images_not_its_square():
    few, many = (len(candidates(drawn(number), np.arange(number))) for number in (500, 2000))
    assert MOST_BITS == 10
    assert many < 0.02 * 2000**2 / 2
    assert few < 0.02 * 500**2 / 2
