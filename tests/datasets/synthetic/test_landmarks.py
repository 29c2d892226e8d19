import numpy as np

from fercli.datasets.source import Source
from fercli.datasets.synthetic.landmarks import with_landmarks, write_landmarks
from fercli.records import Record, Reject

POINTS = np.random.default_rng(0).uniform(0, 64, (3, 68, 2))


def test_images_and_frames_get_theirs(tmp_path):
    write_landmarks(tmp_path, {"deep/a.png": POINTS[0], "b.mp4": POINTS})
    rows = [
        Record("a", "train", "deep/a.png"),
        Record("b", "train", "b.mp4", frame=2),
        Record("c", "train", "c.png"),
        Reject("d", "train", "", "video cannot be opened"),
    ]
    a, b, c, d = with_landmarks(Source(tmp_path), rows)
    np.testing.assert_allclose(a.landmarks, POINTS[0], rtol=1e-6)
    np.testing.assert_allclose(b.landmarks, POINTS[2], rtol=1e-6)
    assert (c.landmarks, d) == (None, rows[3])
