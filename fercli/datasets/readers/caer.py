"""CAER and CAER-S: clips of television series, and stills of them, with the scene around the face (Lee et al. 2019)."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from fercli.datasets.readers.frames import frame_records
from fercli.datasets.readers.media_names import image_names, is_video, video_names
from fercli.datasets.readers.roll import left_out
from fercli.datasets.readers.splitting import split_of
from fercli.datasets.source import Source
from fercli.datasets.video import FrameSampling
from fercli.errors import DataError
from fercli.records import ALL_SPLITS, DataInfo, Record, Reject
from fercli.taxonomy import EXPRESSIONS, canonical

CLASSES = EXPRESSIONS[:7]
LICENCE = "non-commercial research, by request to the authors"


class CAER:
    """Reads the clips `train/<Class>/*.avi`, `validation/<Class>/*.avi` and `test/<Class>/*.avi`.

    Args:
        sampling: which frames to take; None takes at most 16 of each clip, evenly spread.
    """

    info = DataInfo("caer", "CAER", LICENCE, CLASSES, extra={"expected_videos": {ALL_SPLITS: 13201}})

    def __init__(self, sampling: FrameSampling | None = None):
        self.sampling = sampling or FrameSampling(frame_stride=1, max_frames_per_video=16)

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every sampled frame, and a reject for each clip that cannot be used.

        Raises:
            DataError: there is no clip.
        """
        for clip in _labelled(source, video_names(source), "clips"):
            if isinstance(clip, Reject):
                yield clip
            else:
                yield from frame_records(source, clip, self.sampling)


class CAERS:
    """Reads the stills `train/<Class>/*.png` and `test/<Class>/*.png`."""

    info = DataInfo(
        name="caer_s",
        title="CAER-S",
        licence=LICENCE,
        classes=CLASSES,
        notes=(
            "CAER-S: stills for training and for test come from the same clips, which the release does not name: "
            "accuracy on the test split is higher than accuracy on new clips",
        ),
    )

    def read(self, source: Source) -> Iterator[Record | Reject]:
        """Yield every still.

        Raises:
            DataError: there is no still.
        """
        return _labelled(source, image_names(source), "stills")


def _labelled(source: Source, names: list[str], what: str) -> Iterator[Record | Reject]:
    """Yield a record for each file `.../<split>/<Class>/<file>`: its id, and the video of a clip, is that path."""
    if not names:
        raise DataError(f"expected {what} <split>/<Class>/<file> in {source.path}; found none")
    seen: set[str] = set()
    for name in names:
        path = PurePosixPath(name)
        split = split_of(path.parts[-3]) if len(path.parts) > 2 else None
        key = "/".join(path.with_suffix("").parts[-3:])
        if split is None:
            yield Reject(name, "", "", "unknown split", name)
            continue
        record = Record(key, split, name, expression=canonical(path.parts[-2]), video=key if is_video(name) else None)
        if record.expression not in CLASSES:
            yield left_out(record, "unknown label", path.parts[-2])
        elif key in seen:
            yield left_out(record, "duplicate id", name)
        else:
            yield record
        seen.add(key)
