import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from fercli.datasets import media
from fercli.datasets.media import write_image, written_video
from fercli.datasets.synthetic.film import write_video
from fercli.datasets.video import probe
from fercli.errors import RunError

NOISE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


@pytest.mark.parametrize("image", [NOISE, NOISE[..., 0]], ids=["color", "gray"])
def test_an_image_of_any_name_comes_back(tmp_path, image):
    path = tmp_path / "deep" / os.fsdecode(b"Ren\xe9.png")
    write_image(path, image)
    found = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(found if image.ndim == 2 else found[..., ::-1], image)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"exists|directory"):
        write_image(tmp_path / "file" / "a.png", NOISE)
    with pytest.raises(OSError, match=r"exists|directory"), written_video(tmp_path / "file" / "a.mp4", 10, 40, 60):
        pass


@pytest.mark.parametrize("name", [b"a.mp4", b"Ren\xe9.avi"])
def test_a_video_of_any_name_is_written_whole(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    with written_video(path, 29.987, 40, 60) as video:
        for size in (1, 1, 2):
            video.add(NOISE.repeat(size, 0).repeat(size, 1))
    assert probe(path).num_frames == 3
    assert probe(path).frames_per_second == pytest.approx(29.987, abs=0.01)
    assert list(tmp_path.iterdir()) == [path]


def test_a_video_that_lost_a_frame_is_an_error_and_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(media, "_num_frames", lambda path: 1)
    with pytest.raises(RunError, match=r"a\.mp4 could not be written whole; see whether the disk is full"):
        write_video(tmp_path / "a.mp4", [NOISE, NOISE], 10)
    assert list(tmp_path.iterdir()) == []


def test_each_of_opening_and_writing_is_in_one_place():
    """Names that OpenCV cannot take, and disks that are full, are seen to there. A camera has a number."""
    package = Path(media.__file__).parent.parent
    found = {
        word: [str(f.relative_to(package)) for f in sorted(package.rglob("*.py")) if re.search(word, f.read_text())]
        for word in (r"cv2\.imread\b", r"cv2\.imwrite\b", r"cv2\.VideoCapture\(", r"cv2\.VideoWriter\(")
    }
    assert list(found.values()) == [[], [], ["datasets/video.py", "inference/capture.py"], ["datasets/media.py"]]
