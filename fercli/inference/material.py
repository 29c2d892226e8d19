"""What one command reads: files that can be opened, or a camera."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fercli.datasets.shards import storable
from fercli.errors import DataError
from fercli.inference.account import Account
from fercli.inference.camera import Camera
from fercli.inference.frames import Still, read_as_video, stills, timeline
from fercli.inference.inputs import media
from fercli.inference.request import PredictRequest


@dataclass(frozen=True)
class Input:
    """Images to read one after the other: a file, or a camera.

    Attributes:
        name: for messages, as text that UTF-8 can hold.
        source: name in tables.
        is_video: whether the images follow each other in time.
        frames_per_second: of a video.
        num_frames: that it promises; 0 where nobody knows.
        read: opens it.
    """

    name: str
    source: str
    is_video: bool
    frames_per_second: float
    num_frames: int
    read: Callable[[], Iterator[Still]]


def input_files(request: PredictRequest, account: Account) -> list[Input]:
    """Return the files to read; note those that cannot be read.

    Raises:
        DataError: there are none but the results of an earlier command.
    """
    written, inputs = request.out.resolve(), []
    files = {
        file: source for file, source in media(request.paths).items() if not file.resolve().is_relative_to(written)
    }
    if not files:
        places = ", ".join(map(str, request.paths))
        raise DataError(f"{places} holds nothing but what was written to {request.out} before; give another --out")
    for file, source in files.items():
        name = storable(str(file))
        try:
            frames = timeline(file)
        except DataError as error:
            account.failed[name] = str(error)
        else:
            video = read_as_video(file)
            read = _reader(file)
            inputs.append(Input(name, source, video, frames.frames_per_second, frames.num_frames, read))
            account.note(name, [*frames.remarks, frames.shortfall])
    return inputs


def _reader(file: Path) -> Callable[[], Iterator[Still]]:
    return lambda: stills(file)


def input_of_camera(camera: Camera) -> Input:
    """Return the camera as one endless video."""
    return Input(camera.name, camera.name, True, camera.rate, 0, camera.stills)


def note_shortfall(one: Input, num_read: int, account: Account) -> None:
    """Note a video with frames that could not be decoded."""
    if not num_read:
        account.failed[one.name] = f"{one.name}: no frame could be decoded; the video is damaged"
    elif num_read < one.num_frames:
        account.note(one.name, [f"{num_read:,} of {one.num_frames:,} frames could be decoded; the video is damaged"])
