"""Recordings of drawn people with a depression score, in the layouts of AVEC2013 and AVEC2014."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fercli.datasets.synthetic.film import write_video
from fercli.datasets.synthetic.subject import make_subject
from fercli.datasets.synthetic.video import render_video
from fercli.errors import ConfigError

TASKS = ("Freeform", "Northwind")
FOLDERS = {"train": "Training", "val": "Development", "test": "Testing"}
FLAT_FOLDERS = {"train": "train", "val": "dev", "test": "test"}
TURNS = ("train", "train", "val", "train", "test")  # splits of five subjects in a row
FIRST_SUBJECT = 203  # number of the first subject, as in the release
HIGHEST_SCORE = 45  # in the release
FRAMES_PER_SECOND = 10.0


@dataclass(frozen=True)
class Sitting:
    """One visit of a subject, with one score."""

    subject: int
    number: int
    split: str
    score: int

    @property
    def id(self) -> str:
        """Id as in file names, such as `203_1`."""
        return f"{FIRST_SUBJECT + self.subject}_{self.number}"


@dataclass(frozen=True)
class WrittenVideo:
    """One video of a raw data set: the id that its reader gives, its file, its sitting, and (T, 68, 2) landmarks."""

    id: str
    file: str
    sitting: Sitting
    landmarks: np.ndarray


def sittings(num_subjects: int, seed: int = 0) -> list[Sitting]:
    """Return the sittings: every third subject has two; in each split, scores are evenly spread from 0 to 45, shuffled.

    Raises:
        ConfigError: there are too few subjects for three splits.
    """
    if num_subjects < len(TURNS):
        raise ConfigError(f"expected num_subjects of at least {len(TURNS)}; found {num_subjects}")
    visits = [(subject, number) for subject in range(num_subjects) for number in range(1, 2 + (subject % 3 == 0))]
    rng = np.random.default_rng(seed)
    found = []
    for split in FOLDERS:
        members = [visit for visit in visits if TURNS[visit[0] % len(TURNS)] == split]
        scores = rng.permutation(np.linspace(0, HIGHEST_SCORE, len(members)).round().astype(int))
        found += [Sitting(*visit, split, int(score)) for visit, score in zip(members, scores, strict=True)]
    return found


def write_avec2014(
    folder: Path, num_subjects: int, num_frames: int = 36, size: int = 112, seed: int = 0, form: str = "official"
) -> list[WrittenVideo]:
    """Write both tasks of every sitting as `Training/Freeform/203_1_Freeform_video.mp4`, and a label file per sitting.

    Args:
        num_frames: mean number of frames of a video; a video has 2/3 to 4/3 times as many.
        size: width and height in pixels, even.
        form: `official`, or `flat`: `train/203_1_Freeform_video.mp4`, with all label files in one folder.
    """
    written = []
    for sitting in sittings(num_subjects, seed):
        for task in TASKS:
            top = f"{FOLDERS[sitting.split]}/{task}" if form == "official" else FLAT_FOLDERS[sitting.split]
            file = f"{top}/{sitting.id}_{task}_video.mp4"
            landmarks = _film(folder / file, sitting, TASKS.index(task), num_frames, size, seed)
            written.append(WrittenVideo(f"{sitting.id}_{task}", file, sitting, landmarks))
        _label(folder, sitting, form)
    return written


def write_avec2013(
    folder: Path, num_subjects: int, num_frames: int = 36, size: int = 112, seed: int = 0, form: str = "official"
) -> list[WrittenVideo]:
    """Write one video of every sitting: `Training/203_1_cut_combined.mp4`; in the form `flat`, `train/Video/...`."""
    written = []
    for sitting in sittings(num_subjects, seed):
        top = FOLDERS[sitting.split] if form == "official" else f"{FLAT_FOLDERS[sitting.split]}/Video"
        file = f"{top}/{sitting.id}_cut_combined.mp4"
        landmarks = _film(folder / file, sitting, 0, num_frames, size, seed)
        written.append(WrittenVideo(sitting.id, file, sitting, landmarks))
        _label(folder, sitting, form)
    return written


def _film(path: Path, sitting: Sitting, clip: int, num_frames: int, size: int, seed: int) -> np.ndarray:
    """Draw and write one video; return the landmarks of its frames."""
    state = np.random.SeedSequence((seed, sitting.subject, sitting.number, clip)).generate_state(2)
    length = max(1, round(num_frames * (2 / 3 + 2 / 3 * int(state[1]) / 2**32)))
    subject = make_subject(seed, sitting.subject)
    frames = render_video(subject, sitting.score, length, FRAMES_PER_SECOND, int(state[0]), size)
    landmarks: list[np.ndarray] = []

    def images() -> Iterator[np.ndarray]:
        for frame in frames:
            landmarks.append(frame.landmarks)
            yield frame.image

    write_video(path, images(), FRAMES_PER_SECOND)
    return np.stack(landmarks)


def _label(folder: Path, sitting: Sitting, form: str) -> None:
    top = FOLDERS[sitting.split] if form == "official" else "label"
    path = folder / top / "DepressionLabels" / f"{sitting.id}_Depression.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{sitting.score}\n")
