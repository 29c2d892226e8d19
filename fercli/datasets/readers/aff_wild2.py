"""Aff-Wild2: frames of videos from the web with expression, valence and arousal (Kollias and Zafeiriou 2019)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fercli.datasets.readers.media_names import image_names
from fercli.datasets.readers.numbers import number
from fercli.datasets.readers.roll import Roll, left_out
from fercli.datasets.source import Source
from fercli.errors import DataError, choose
from fercli.records import DataInfo, Record, Reject
from fercli.taxonomy import EXPRESSIONS, canonical

ANNOTATIONS = {  # which frames are kept
    "both": "frames with expression, valence and arousal",
    "expression": "frames with expression",
    "affect": "frames with valence and arousal",
    "either": "frames with expression or with valence and arousal",
}
TASKS = {"expression": "EXPR", "affect": "VA"}  # beginnings of folder names, which differ between the releases
SETS = {"Train_Set": "train", "Validation_Set": "val"}
OTHER = "other"
UNLABELLED = {"expression": -1, "affect": -5}
FRAMES_PER_SECOND = 30  # nominal: the release does not say the rate of a video


@dataclass(frozen=True)
class Track:
    """One annotation file: the split of its folder, the words of its first line, and one line for each frame."""

    file: str
    split: str
    header: tuple[str, ...]
    lines: tuple[str, ...]


class AffWild2:
    """Reads `cropped_aligned/<video>/00001.jpg` and the annotation files `EXPR_*/` and `VA_*/`, by set and video.

    The two challenges divide the videos differently. The split of a video is that of its expression file. It is that
    of its valence and arousal file where it has no expression file, or with `annotations=affect`. Frames of
    `<video>_left` and `<video>_right` share the video, since they show two people of one scene. The release gives no
    frame rate; times assume 30 frames a second. Frames labelled `other` have no expression.

    Args:
        annotations: which frames to keep. `expression`: frames with an expression; `affect`: frames with valence and
            arousal; `both`: frames with all three; `either`: frames with an expression or with valence and arousal.
            A kept frame keeps all labels that it has in the release.
    """

    info = DataInfo(
        name="aff_wild2",
        title="Aff-Wild2",
        licence="non-commercial research, by request to the authors",
        classes=EXPRESSIONS[:7],
    )

    def __init__(self, annotations: str = "both"):
        choose("annotations", annotations, ANNOTATIONS, " in Aff-Wild2")
        self.annotations = annotations

    def protocol(self, source: Source) -> dict[str, str]:
        """Return which frames are kept."""
        return {"version": ANNOTATIONS[self.annotations]}

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every frame that has a line in an annotation file, or an image.

        Raises:
            DataError: the frames or the annotation files are missing.
        """
        anywhere = source.names("**/cropped_aligned/*/*")
        if not anywhere:
            raise DataError(f"expected frames in cropped_aligned/<video>/ of {source.path}; found none")
        folder = anywhere[0].partition("cropped_aligned/")[0] + "cropped_aligned/"
        tracks: dict[str, dict[str, Track]] = {task: {} for task in TASKS}
        for task, kept in tracks.items():
            for track in _tracks(source, task):
                if isinstance(track, Reject):
                    yield track
                else:
                    video = track.file.rpartition("/")[2].removesuffix(".txt")
                    if video in kept:
                        yield Reject(track.file, track.split, "", "video in two splits", kept[video].file)
                    kept.setdefault(video, track)
            if not kept and self.annotations in ("both", task):
                expected = f"{TASKS[task]}_*/{{{','.join(SETS)}}}/<video>.txt"
                raise DataError(f"expected annotation files {expected} in {source.path}; found none")
        roll = Roll(source, image_names(source, folder))
        for video in sorted(tracks["expression"].keys() | tracks["affect"].keys()):
            yield from self._video(folder, video, {task: kept.get(video) for task, kept in tracks.items()}, roll)
        yield from roll.without_row(lambda _: "")

    def _video(self, folder: str, video: str, tracks: dict[str, Track | None], roll: Roll) -> Iterator[Record | Reject]:
        order = ("affect", "expression") if self.annotations == "affect" else ("expression", "affect")
        split = next(track.split for task in order if (track := tracks[task]))
        clip = re.sub(r"_(left|right)$", "", video)
        for frame in range(1, 1 + max(len(track.lines) for track in tracks.values() if track)):
            record = Record(
                id=f"{video}/{frame:05d}",
                split=split,
                image=f"{folder}{video}/{frame:05d}.jpg",
                video=clip,
                time=(frame - 1) / FRAMES_PER_SECOND,
            )
            entry = roll.enter(record)
            yield entry if isinstance(entry, Reject) else self._labelled(entry, tracks, frame)

    def _labelled(self, record: Record, tracks: dict[str, Track | None], frame: int) -> Record | Reject:
        try:
            label = _expression(tracks["expression"], frame)
            affect = _affect(tracks["affect"], frame)
        except ValueError as error:
            return left_out(record, "malformed row", str(error))
        except LookupError as error:
            return left_out(record, "unknown label", str(error.args[0]))
        if affect and not all(-1 <= value <= 1 for value in affect):
            return left_out(record, "value out of range", f"valence and arousal {affect[0]:g}, {affect[1]:g}")
        expression = None if label == OTHER else label
        if expression is None and (self.annotations in ("both", "expression") or affect is None):
            if label == OTHER:
                return left_out(record, "expression is other")
            return left_out(record, "no expression" if affect else "unlabelled")
        if affect is None and self.annotations in ("both", "affect"):
            return left_out(replace(record, expression=expression), "no valence and arousal")
        valence, arousal = affect or (None, None)
        return replace(record, expression=expression, valence=valence, arousal=arousal)


def _tracks(source: Source, task: str) -> Iterator[Track | Reject]:
    """Yield the annotation files of a task, and a reject for each file that is no annotation file."""
    for folder, split in SETS.items():
        for file in source.names(f"**/{TASKS[task]}_*/{folder}/*.txt"):
            lines = source.lines(file)
            while lines and not lines[-1].strip():
                lines.pop()
            header = tuple(word.strip().lower() for word in lines[0].split(",")) if lines else ()
            words = {canonical(word) for word in header}
            fits = words <= {*EXPRESSIONS, OTHER} if task == "expression" else words == {"valence", "arousal"}
            if fits and words:
                yield Track(file, split, header, tuple(lines[1:]))
            else:
                found = lines[0] if lines else "nothing"
                yield Reject(file, split, "", "malformed annotation file", f"first line: {found}")


def _cells(track: Track | None, frame: int, num_cells: int) -> list[float] | None:
    """Return the numbers of a frame; None where the file has no line for it."""
    if track is None or frame > len(track.lines):
        return None
    line = track.lines[frame - 1]
    try:
        cells = [number(cell) for cell in line.split(",")]
    except ValueError:
        cells = []
    if len(cells) != num_cells:
        raise ValueError(f"line {frame + 1} of {track.file}: {line}")
    return cells


def _expression(track: Track | None, frame: int) -> str | None:
    """Return the canonical name of the expression, or `other`; None where the frame has no label."""
    cells = _cells(track, frame, 1)
    if track is None or cells is None or cells[0] == UNLABELLED["expression"]:
        return None
    names = dict(enumerate(track.header))
    if cells[0] not in names:
        raise LookupError(f"{cells[0]:g} on line {frame + 1} of {track.file}")
    return canonical(names[int(cells[0])])


def _affect(track: Track | None, frame: int) -> tuple[float, float] | None:
    """Return valence and arousal; None where the frame lacks one of them."""
    cells = _cells(track, frame, 2)
    if track is None or cells is None or UNLABELLED["affect"] in cells:
        return None
    named = dict(zip(track.header, cells, strict=True))
    return named["valence"], named["arousal"]
