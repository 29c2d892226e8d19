import numpy as np
import pytest
from facenet_pytorch import MTCNN

from fercli.datasets.synthetic.faces import faces


@pytest.mark.slow
def test_mtcnn_finds_the_faces_and_their_eyes():
    drawn = list(faces(40, seed=9))
    boxes, _, points = MTCNN(keep_all=False, device="cpu").detect([face.image for face in drawn], landmarks=True)
    found = [index for index, box in enumerate(boxes) if box is not None]
    assert len(found) >= 38
    errors = []
    for index in found:
        landmarks = drawn[index].landmarks
        eyes = np.stack([landmarks[36:42].mean(0), landmarks[42:48].mean(0)])
        distance = np.linalg.norm(eyes[1] - eyes[0])
        errors.append(np.abs(np.asarray(points[index][0][:2], float) - eyes).max() / distance)
    assert np.median(errors) < 0.1
