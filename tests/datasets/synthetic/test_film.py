import numpy as np
import pytest

from fercli.datasets.synthetic.film import write_video
from fercli.datasets.video import Video, probe


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_frames_come_back_about_as_they_were(tmp_path, suffix):
    across = np.linspace(0, 255, 64, dtype=np.uint8)
    drawn = [
        np.stack([np.full((48, 64), 40 * i), np.tile(across, (48, 1)), np.full((48, 64), 90)], 2) for i in range(6)
    ]
    path = tmp_path / "deep" / f"clip{suffix}"
    write_video(path, (image.astype(np.uint8) for image in drawn), 12.5)
    assert (probe(path).num_frames, probe(path).frames_per_second) == (6, 12.5)
    with Video(path) as video:
        for frame, image in zip(video.frames(), drawn, strict=True):
            assert np.abs(frame.image.astype(float) - image).mean() < 6


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_the_same_frames_give_the_same_file(tmp_path, suffix):
    drawn = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    for name in "ab":
        write_video(tmp_path / f"{name}{suffix}", drawn, 10)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
