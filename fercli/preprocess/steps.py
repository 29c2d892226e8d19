"""The intermediate steps from a raw image to its crop, for figures."""

from collections.abc import Iterable, Sequence

import numpy as np

from fercli.preprocess.crop import warp
from fercli.preprocess.face import Face
from fercli.preprocess.no_face import face_to_cut
from fercli.preprocess.pictures import Picture, pictures, video_of
from fercli.preprocess.work import Work
from fercli.records import Record, Reject, Steps

NUM_EXAMPLES = 4


def examples(records: Sequence[Record], rejects: Iterable[Reject], number: int = NUM_EXAMPLES) -> tuple[Record, ...]:
    """Return at most `number` of the kept records, evenly spread; of a video, only its first frame."""
    left_out = {reject.id for reject in rejects}
    first: dict[str, Record] = {}
    for record in records:
        if record.id not in left_out:
            first.setdefault(video_of(record) or record.id, record)
    found = [*first.values()]
    places = np.linspace(0, len(found) - 1, min(number, len(found))).round().astype(int)
    return tuple(found[place] for place in places)


def steps(work: Work, records: Sequence[Record]) -> list[Steps]:
    """Compute the steps of records with a face that is cut out of a larger image; ready crops have no steps."""
    opened = [(record, item) for record, item in pictures(work.source, records) if isinstance(item, Picture)]
    if not opened:
        return []
    faces = work.detector.find([item.pixels for _, item in opened], [record for record, _ in opened])
    found = zip(opened, faces, strict=True)
    return [
        _steps(work, record, item.pixels, face)
        for (record, item), face in found
        if isinstance(face, Face) and not face.is_framed
    ]


def _steps(work: Work, record: Record, image: np.ndarray, found: Face) -> Steps:
    face, crop, size = face_to_cut(image, found, work.landmarks), work.crop, work.crop.size
    matrix = crop.matrix(face)
    around = matrix + np.array([[0, 0, size / 2], [0, 0, size / 2]])
    aligned = warp(image, around, 2 * size, crop.interpolation, crop.border)
    points = next((p for p in (face.landmarks, record.landmarks, face.points) if p is not None), np.empty((0, 2)))
    return Steps(image, face.box, points, aligned, warp(image, matrix, size, crop.interpolation, crop.border))
