from itertools import combinations

import numpy as np
import pytest

from fercli.datasets.synthetic.scene import SCENES, choose_scene, paint_scene
from fercli.taxonomy import EXPRESSIONS


def painted(scene, seed=0):
    return paint_scene(scene, 48, np.random.default_rng(seed)).planes


def test_every_expression_has_a_scene_of_its_own():
    assert tuple(SCENES) == EXPRESSIONS
    assert len(set(SCENES.values())) == len(SCENES)


@pytest.mark.parametrize(("one", "other"), list(combinations(SCENES.values(), 2)))
def test_scenes_differ_more_than_two_pictures_of_one(one, other):
    def colors(planes):
        return np.histogramdd(planes.reshape(3, -1).T, bins=4, range=[(0, 256)] * 3)[0] / 48**2

    between = np.abs(colors(painted(one)) - colors(painted(other))).sum()
    within = max(np.abs(colors(painted(scene)) - colors(painted(scene, 1))).sum() for scene in (one, other))
    assert between > within


@pytest.mark.parametrize(("correlation", "expected"), [(0.0, 1 / 8), (0.5, 9 / 16), (1.0, 1.0)])
def test_the_own_scene_comes_as_often_as_asked(correlation, expected):
    rng = np.random.default_rng(0)
    own = [choose_scene("fear", correlation, rng) == SCENES["fear"] for _ in range(2000)]
    assert np.mean(own) == pytest.approx(expected, abs=0.03)
