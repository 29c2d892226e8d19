"""Faces of a video file, predicted in two passes: who is who is decided by the whole video."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from tempfile import TemporaryFile

from fercli.errors import DataError
from fercli.inference.frames import Still
from fercli.inference.model import Model
from fercli.inference.motion import Place
from fercli.inference.pieces import Pieces
from fercli.inference.stream import FacePrediction, FindsFaces, MainPerson, Sighting, detected, predicted
from fercli.inference.tracker import Tracker
from fercli.inference.voices import Voices


def predict_file(
    read: Callable[[], Iterable[Still]],
    models: Sequence[Model],
    detector: FindsFaces,
    tracker: Tracker,
    all_faces: bool = True,
    rate: float = 0.0,
    seen: Callable[[], None] = lambda: None,
) -> Iterator[list[FacePrediction]]:
    """Yield the predicted faces of each frame of a video file, at least one entry each.

    The file is read twice: first to learn who is who, then to predict. Between the two, the faces are held in a
    temporary file.

    Args:
        read: opens the video.
        all_faces: predict everybody; otherwise the main person, see `MainPerson`.
        rate: frames a second; models that read clips need it.
        seen: is called for each frame of the first reading.
    """
    main = None if all_faces else MainPerson()
    voices = [Voices(model, rate, continues=main is not None) for model in models]
    pieces, num_seen = Pieces(tracker.appearance), 0
    with TemporaryFile() as held:
        source = iter(read())
        with suppress(DataError):  # the second reading meets the same damage, after the same frames
            while chunk := list(islice(source, detector.batch_size)):
                for still, faces in detected(chunk, detector):
                    tracks = [track.number for track in tracker.step(still.image, faces, still.time)]
                    sides = [Place.of(face).side for face in faces]
                    numbers = pieces.step(tracker, sides, tracks, still.time)
                    pickle.dump(list(zip(faces, numbers, strict=True)), held)
                    num_seen += 1
                    seen()
        pieces.join()
        tracker.num_known_again = pieces.num_known_again
        held.seek(0)
        source = islice(read(), num_seen)
        while chunk := list(islice(source, detector.batch_size)):
            frames: list[tuple[Still, list[Sighting]]] = [
                (still, [(face, pieces.pieces[number].visit) for face, number in pickle.load(held)]) for still in chunk
            ]
            yield from predicted(frames, voices, main)
