import numpy as np
import pytest

from fercli.datasets.synthetic.canvas import Canvas, ribbon, smooth, taper

SQUARE = np.array([(4.0, 6), (12, 6), (12, 16), (4, 16)])


def blank(size=24):
    return Canvas(np.zeros((3, size, size)))


def catmull_rom(points, closed, samples):
    """Point by point, from the Hermite form with tangents (p[i+1] - p[i-1]) / 2, one-sided at open ends."""
    n = len(points)
    curve = []
    for i in range(n if closed else n - 1):
        p0, p1 = points[i], points[(i + 1) % n]
        m0 = (p1 - points[i - 1]) / 2 if closed or i > 0 else p1 - p0
        m1 = (points[(i + 2) % n] - p0) / 2 if closed or i + 2 < n else p1 - p0
        for k in range(samples):
            t = k / samples
            h00, h10 = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t
            h01, h11 = -2 * t**3 + 3 * t**2, t**3 - t**2
            curve.append(h00 * p0 + h10 * m0 + h01 * p1 + h11 * m1)
    return np.array([*curve, points[0] if closed else points[-1]])


@pytest.mark.parametrize("closed", [False, True])
def test_smooth_is_catmull_rom(closed):
    points = np.random.default_rng(0).normal(size=(6, 3))
    np.testing.assert_allclose(smooth(points, closed, samples=4), catmull_rom(points, closed, 4), atol=1e-12)


def test_fill_covers_the_polygon_with_its_color():
    canvas = blank()
    canvas.fill(SQUARE, (10, 20, 30))
    inside = canvas.planes[:, 8:16, 6:12]
    np.testing.assert_allclose(inside, np.broadcast_to(np.reshape((10, 20, 30), (3, 1, 1)), inside.shape), rtol=1e-6)
    assert not canvas.planes[:, :, 15:].any()
    # OpenCV draws the edge of a polygon as a line, which adds about half a pixel on every side.
    assert 80 <= canvas.planes[0].sum() / 10 <= 9.5 * 11.5
    rows, columns = np.mgrid[:24, :24]
    assert np.average(rows, weights=canvas.planes[0]) == pytest.approx(11, abs=0.05)
    assert np.average(columns, weights=canvas.planes[0]) == pytest.approx(8, abs=0.05)


def test_opacity_blends():
    canvas = Canvas(np.full((3, 24, 24), 100.0))
    canvas.fill(SQUARE, (200, 100, 0), opacity=0.25)
    np.testing.assert_allclose(canvas.planes[:, 10, 8], (125, 100, 75), rtol=1e-6)


def test_overlapping_polygons_cover_once():
    canvas = blank()
    canvas.fill([SQUARE, SQUARE + 2], (50, 50, 50))
    assert canvas.planes[0, 11, 9] == pytest.approx(50)
    assert canvas.planes.max() == pytest.approx(50)


def test_blur_softens_and_keeps_the_amount():
    sharp, soft = blank(), blank()
    sharp.fill(SQUARE, (100, 0, 0))
    soft.fill(SQUARE, (100, 0, 0), blur=1.5)
    assert soft.planes[0, 11, 3] > sharp.planes[0, 11, 3]
    assert soft.planes.sum() == pytest.approx(sharp.planes.sum(), rel=0.02)


@pytest.mark.parametrize("away", [(-100, 0), (0, 100), (300, 300)])
def test_nothing_is_drawn_outside(away):
    canvas = blank()
    canvas.fill(SQUARE + np.array(away), (255, 255, 255), blur=2.0)
    assert not canvas.planes.any()


def test_ribbon_has_the_width_asked_for():
    line = np.array([(0.0, 0), (3, 0), (6, 0)])
    outline = ribbon(line, np.array([2.0, 4, 1]))
    upper, lower = outline[:3], outline[3:][::-1]
    np.testing.assert_allclose(np.linalg.norm(upper - lower, axis=1), (2, 4, 1))
    np.testing.assert_allclose((upper + lower) / 2, line)


def test_taper_ends_in_points():
    np.testing.assert_allclose(taper(5)[[0, 2, 4]], (0, 1, 0), atol=1e-9)
