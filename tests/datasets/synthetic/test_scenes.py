import numpy as np
import pytest

from fercli.datasets.synthetic.scene import SCENES
from fercli.datasets.synthetic.scenes import CLASSES, Cues, write_caer, write_caer_s
from fercli.datasets.video import probe
from fercli.errors import ConfigError


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1 / 7), (0.5, 4 / 7), (1.0, 1.0)])
def test_face_and_scene_carry_the_class_as_often_as_asked(share, expected):
    rng = np.random.default_rng(0)
    faces = [Cues(1, share).draw("fear", rng) for _ in range(1500)]
    scenes = [Cues(share, 1).draw("fear", rng) for _ in range(1500)]
    assert np.mean([face == "fear" for face, _ in faces]) == pytest.approx(expected, abs=0.04)
    assert np.mean([scene == SCENES["fear"] for _, scene in scenes]) == pytest.approx(expected, abs=0.04)
    assert {scene for _, scene in faces} == {SCENES["fear"]}
    assert {face for face, _ in scenes} == {"fear"}


@pytest.mark.parametrize("cue", ["context_correlation", "face_correlation"])
def test_no_probability(cue):
    with pytest.raises(ConfigError, match=f"expected {cue} in"):
        Cues(**{cue: 1.5})


def test_stills_lie_by_split_and_class(tmp_path):
    written = write_caer_s(tmp_path, 42, size=32)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")} == {
        item.file for item in written
    }
    assert (tmp_path / "train" / "Happy" / "0001.png").is_file()
    counts = {split: sum(item.file.startswith(split) for item in written) for split in ("train", "test")}
    assert counts == {"train": 28, "test": 14}
    assert {item.expression for item in written} == set(CLASSES)


def test_clips_have_landmarks_for_every_frame(tmp_path):
    written = write_caer(tmp_path, 35, num_frames=2, size=32)
    assert {path.name for path in tmp_path.iterdir()} == {"train", "validation", "test"}
    for clip in written[::9]:
        assert probe(tmp_path / clip.file).num_frames == len(clip.landmarks) == 2
