"""AVEC2013 and AVEC2014: recordings of people with a BDI-II score (Valstar et al. 2013, 2014)."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from fercli.datasets.readers.frames import frame_records
from fercli.datasets.readers.media_names import video_names
from fercli.datasets.readers.roll import left_out
from fercli.datasets.source import Source
from fercli.datasets.video import FrameSampling
from fercli.errors import DataError, choose
from fercli.records import DataInfo, Record, Reject
from fercli.scales import BDI_II

TASKS = ("Freeform", "Northwind")
BOTH = "both"
# A word in a folder's name begins with one of these: `Training`, `train`, `AVEC2014_Labels_Training`, `dev`, ...
PARTITIONS = {"train": "train", "dev": "val", "val": "val", "test": "test"}
PARTITION = re.compile(rf"(?:^|[^a-z])({'|'.join(PARTITIONS)})")
SESSION = re.compile(r"(?:^|\D)(\d+)_(\d+)(?=\D|$)")  # subject and sitting, as in 203_1_Freeform_video.mp4
LABEL_FILE = re.compile(r"_depression\.csv$", re.IGNORECASE)
LICENCE = "non-commercial research, by signed agreement with the organizers"


class AVEC2013:
    """Reads the videos of `Training/`, `Development/`, `Testing/` and the scores in `203_1_Depression.csv`.

    Folders and label files may lie at any depth and have other names, for example `train` and `DepressionLabels`.
    Names of videos begin with subject and sitting, for example `203_1_cut_combined.mp4`. Some subjects are in several
    partitions of the release; they stay where they are.

    Args:
        sampling: which frames to take; None takes one of every second.
    """

    def __init__(self, sampling: FrameSampling | None = None):
        self.sampling = sampling or FrameSampling(frames_per_second=1)

    @property
    def info(self) -> DataInfo:
        """Facts about the release."""
        return _info("AVEC2013", 50)

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every sampled frame, and a reject for each unusable video and each label file without a video.

        Raises:
            DataError: there is no video.
        """
        return _read(source, self.sampling, ())


class AVEC2014:
    """Reads the layout of AVEC2013 with a folder for each task: `Training/Freeform/203_1_Freeform_video.mp4`.

    Both tasks of a sitting have one score and one label file.

    Args:
        task: `Freeform`, `Northwind` or `both`.
        sampling: which frames to take; None takes every tenth.

    Raises:
        ConfigError: there is no such task.
    """

    def __init__(self, task: str = BOTH, sampling: FrameSampling | None = None):
        choose("task", task, (*TASKS, BOTH), " in AVEC2014")
        self.tasks = TASKS if task == BOTH else (task,)
        self.sampling = sampling or FrameSampling(frame_stride=10)

    @property
    def info(self) -> DataInfo:
        """Facts about the release; it has 50 videos for each split and task."""
        return _info("AVEC2014", 50 * len(self.tasks))

    def protocol(self, source: Source) -> dict[str, str]:
        """Return the task where only one is read."""
        return {} if self.tasks == TASKS else {"version": f"{self.tasks[0]} task"}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every sampled frame of the chosen tasks, and a reject for each unusable video or unmatched label file.

        Raises:
            DataError: there is no video.
        """
        return _read(source, self.sampling, self.tasks)


def _info(title: str, num_videos: int) -> DataInfo:
    expected = dict.fromkeys(("train", "val", "test"), num_videos)
    return DataInfo(title.lower(), title, LICENCE, extra={"expected_videos": expected, "scale": BDI_II.name})


def _read(source: Source, sampling: FrameSampling, tasks: tuple[str, ...]) -> Iterator[Record | Reject]:
    scores: dict[str, dict[str, float]] = {}  # by sitting and label file
    for name in source.names():
        if LABEL_FILE.search(name):
            score = _score(source, name)
            if isinstance(score, Reject):
                yield score
            else:
                scores.setdefault(_session(name), {})[name] = score
    videos = video_names(source)
    if not videos:
        raise DataError(
            f"expected videos in Training/, Development/ and Testing/ of {source.path}, with names as "
            f"203_1_{'Freeform_video' if tasks else 'cut_combined'}.mp4; found none"
        )
    seen: set[str] = set()
    for name in videos:
        video = _video(name, tasks, scores)
        if video is None:
            continue
        if isinstance(video, Record) and video.id in seen:
            video = left_out(video, "duplicate id", name)
        if isinstance(video, Reject):
            yield video
        else:
            seen.add(video.id)
            yield from frame_records(source, video, sampling)
    recorded = {_session(name) for name in videos}
    for session, files in scores.items():
        if session not in recorded:
            yield from (Reject(name, _partition(name), "", "label file without video", session) for name in files)


def _video(name: str, tasks: tuple[str, ...], scores: dict[str, dict[str, float]]) -> Record | Reject | None:
    """Return what the frames of a video share, or why the video is left out; None where its task is not chosen."""
    split, session = _partition(name), _session(name)
    if not split:
        return Reject(name, "", "", "unknown split", name)
    if not session:
        return Reject(name, split, "", "no subject and sitting in the name", name)
    task = next((task for task in TASKS if task.lower() in name.lower()), None)
    if tasks and task is None:
        return Reject(name, split, "", "unknown task", name)
    if tasks and task not in tasks:
        return None
    video = f"{session}_{task}" if tasks else session
    found = set(scores.get(session, {}).values())
    if len(found) != 1:
        reason = "label files disagree" if found else "video without label file"
        return Reject(video, split, "", reason, ", ".join(scores.get(session, [name])))
    subject = session.partition("_")[0]
    return Record(video, split, name, score=found.pop(), subject=subject, video=video, session=session)


def _score(source: Source, name: str) -> float | Reject:
    text = source.text(name).strip()
    try:
        score = float(text)
    except ValueError:
        return Reject(name, _partition(name), "", "malformed label file", f"expected one number, found {text[:40]!r}")
    if not _session(name):
        return Reject(name, _partition(name), "", "no subject and sitting in the name", name)
    if not BDI_II.low <= score <= BDI_II.high:  # also NaN
        return Reject(name, _partition(name), "", "value out of range", f"expected {BDI_II.range}; found {text[:40]}")
    return score


def _session(name: str) -> str:
    """Return subject and sitting, such as `203_1`; empty where the file's name has none."""
    found = SESSION.search(PurePosixPath(name).name)
    return f"{found[1]}_{found[2]}" if found else ""


def _partition(name: str) -> str:
    """Return the split of the innermost folder that names a partition; empty where no folder does."""
    folders = reversed(PurePosixPath(name.lower()).parts[:-1])
    return next((PARTITIONS[found[1]] for folder in folders if (found := PARTITION.search(folder))), "")
