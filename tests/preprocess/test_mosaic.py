import itertools

import numpy as np
import pytest
import torch
from facenet_pytorch.models.mtcnn import PNet

from fercli.preprocess.detect_networks import Proposals
from fercli.preprocess.mosaic import mosaic, num_places

SHAPES = {
    "square": ((211, 211), (149, 149), (106, 106), (75, 75), (53, 53), (38, 38), (27, 27), (19, 19), (14, 14)),
    "wide": ((61, 400), (43, 284), (31, 201), (22, 142), (15, 101)),
    "tall": ((333, 47), (236, 33), (167, 24), (119, 17), (84, 12)),
    "one": ((12, 13),),
}


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_rectangles_do_not_meet_and_begin_at_even_places(shapes):
    plan = mosaic(shapes)
    taken = np.zeros((plan.height, plan.width), int)
    for (top, left), (rows, columns) in zip(plan.corners, shapes, strict=True):
        assert top % 2 == left % 2 == 0
        taken[top : top + rows, left : left + columns] += 1
    assert taken.max() == 1
    assert taken.sum() == sum(rows * columns for rows, columns in shapes)


def test_little_of_the_canvas_is_empty():
    plan = mosaic(SHAPES["square"])
    assert sum(rows * columns for rows, columns in SHAPES["square"]) > 0.88 * plan.height * plan.width


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_each_place_lies_in_one_rectangle(shapes):
    plan = mosaic(shapes)
    for level, (rows, columns) in enumerate(shapes):
        place = np.flatnonzero(plan.level == level)
        found = plan.place_in_level(place, np.full(len(place), level))
        expected = itertools.product(range(num_places(rows)), range(num_places(columns)))
        assert [(y, x) for x, y in found.tolist()] == list(expected)


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_a_rectangle_has_the_outputs_that_it_has_alone(shapes):
    """facenet-pytorch's own network sees each alone; between them lie large values, which none may see."""
    plan, network = mosaic(shapes), PNet()
    proposals = Proposals(network, 0.0).eval()
    generator = torch.Generator().manual_seed(0)
    canvas = torch.full((1, plan.height, plan.width, 3), 1e4)
    with torch.inference_mode():
        expected = []
        for (top, left), (rows, columns) in zip(plan.corners, shapes, strict=True):
            own = 255 * torch.rand(1, 3, rows, columns, generator=generator) - 127.5
            canvas[:, top : top + rows, left : left + columns] = own.permute(0, 2, 3, 1)
            expected.append(network(own / 128)[1][0, 1].flatten())
        index, features = proposals(canvas.permute(0, 3, 1, 2), plan)
        confidences = proposals.outputs(features)[:, 0]
    assert len(index) == len(plan.level)
    found = confidences.numpy()
    for level, confidence in enumerate(expected):
        np.testing.assert_allclose(found[plan.level == level], confidence.numpy(), rtol=0, atol=1e-5)
