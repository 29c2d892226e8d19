"""The work of `fercli predict`: predict faces, watch people, write tables, annotated images and videos."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from fercli.datasets.media import FrameWriter, write_image, written_video
from fercli.datasets.shards import storable
from fercli.errors import ConfigError, DataError
from fercli.inference.account import MOST_PRINTED, Account
from fercli.inference.annotate import annotated
from fercli.inference.appearance import EdgesAndColors
from fercli.inference.camera import Camera
from fercli.inference.captions import answers
from fercli.inference.frames import Still, read_as_video, stills, timeline
from fercli.inference.held_out import HeldOut
from fercli.inference.inputs import media
from fercli.inference.model import Model
from fercli.inference.names import Names
from fercli.inference.output import TableWriter, output_file
from fercli.inference.people import People
from fercli.inference.stream import FacePrediction, FindsFaces, column_names, predict_stream
from fercli.inference.tracker import Tracker
from fercli.inference.two_passes import predict_file
from fercli.inference.unlike import Unlike
from fercli.inference.viewers import Viewer
from fercli.inference.watch import Watch, emotions
from fercli.monitor.monitor import Window
from fercli.monitor.settings import Settings
from fercli.scales import BDI_II, Scale

Progress = Callable[[int, int], None]
PLACE = ("source", "frame", "time", "face_found", "face", "person", "confidence", "left", "top", "right", "bottom")


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


@dataclass(frozen=True)
class PredictRequest:
    """What the user asks for.

    Attributes:
        paths: images, videos, folders of both, and patterns; empty for a camera.
        out: folder for the results.
        monitor: settings of the disorder monitor; None without a monitor.
        all_faces: predict everybody in videos; otherwise one person at a time. All faces of images are predicted.
        annotate: write images and videos with the predictions drawn in.
        names: of the people.
        camera: is read in place of files.
        viewer: shows the frames of a camera.
        grad_cam: keep some faces of the only run, to explain their predictions.
    """

    paths: Sequence[Path]
    out: Path
    monitor: Settings | None = None
    all_faces: bool = False
    annotate: bool = True
    names: Names = field(default_factory=Names)
    camera: Camera | None = None
    viewer: Viewer | None = None
    grad_cam: bool = False


def predict(
    request: PredictRequest,
    models: Sequence[Model],
    detector: FindsFaces,
    progress: Progress = lambda done, total: None,
) -> Account:
    """Predict images, videos, folders of both, or the frames of a camera.

    Args:
        progress: is called with the number of frames read and the number of all known frames; a video file is read
            twice.

    Raises:
        ConfigError: a run predicts nothing for a face, or the monitor lacks emotions.
        DataError: the only file that was asked for cannot be read.
    """
    columns = _columns(models, request)
    account, start = Account(), time.monotonic()
    inputs = _files(request, account) if request.camera is None else [_of_camera(request.camera)]
    request.out.mkdir(parents=True, exist_ok=True)
    total = sum((1 + one.is_video) * one.num_frames for one in inputs)
    with TableWriter(request.out, columns) as table:
        work = _Work(request, models, detector, table, account, lambda done: progress(done, total))
        for one in inputs:
            before = account.num_pictures
            try:
                if not one.is_video and all(model.clip for model in models):
                    raise DataError(f"{one.name}: an image, and the runs read clips; give a video")
                work.predict(one)
            except DataError as error:
                account.failed[one.name] = str(error)
            else:
                _compare(one, account.num_pictures - before, account)
    account.written[:0] = [table.parquet, table.csv]
    account.people, account.seconds_of_people = work.people.rows(), work.people.seconds()
    account.unlike = {one.model.name: one.warnings for one in work.unlike if one.warnings}
    account.watched, account.silence = work.watch.people, work.watch.silence()
    if account.people:
        account.written[2:2] = work.people.write(request.out)
    if request.camera is not None:
        account.dropped = request.camera.num_dropped
    account.seconds = time.monotonic() - start
    if len({*account.failed, *(one.name for one in inputs)}) == 1 and account.failed and not account.num_pictures:
        raise DataError(next(iter(account.failed.values())))
    return account


def _files(request: PredictRequest, account: Account) -> list[Input]:
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


def _of_camera(camera: Camera) -> Input:
    return Input(camera.name, camera.name, True, camera.rate, 0, camera.stills)


def _compare(one: Input, num_read: int, account: Account) -> None:
    """Note a video with frames that could not be decoded."""
    if not num_read:
        account.failed[one.name] = f"{one.name}: no frame could be decoded; the video is damaged"
    elif num_read < one.num_frames:
        account.note(one.name, [f"{num_read:,} of {one.num_frames:,} frames could be decoded; the video is damaged"])


class _Work:
    """The tables, people and monitors of one command, which all inputs share."""

    def __init__(
        self,
        request: PredictRequest,
        models: Sequence[Model],
        detector: FindsFaces,
        table: TableWriter,
        account: Account,
        done: Callable[[int], None],
    ):
        self.request, self.models, self.detector = request, models, detector
        self.table, self.account, self.done, self.num_read = table, account, done, 0
        self.columns, self.scale = column_names(models), scale_of(models)
        self.people = People(
            [name for own in self.columns for name in own.values()], self.scale, held_out_of_columns(models)
        )
        self.watch = Watch(request.monitor, models)
        self.unlike = [Unlike(model) for model in models]

    def predict(self, one: Input) -> None:
        """Predict one input."""
        request, account = self.request, self.account
        target = output_file(request.out / "annotated", one.source, ".mp4" if one.is_video else ".png")
        tracker = Tracker(EdgesAndColors()) if one.is_video else None
        everybody, rate, before = request.all_faces or not one.is_video, one.frames_per_second, account.num_pictures
        with ExitStack() as stack:
            video: FrameWriter | None = None
            for faces in self._predicted(one, tracker, everybody):
                names = [None if f.person is None else request.names.of(one.source, f.person) for f in faces]
                windows = self._row_by_row(one, faces, names)
                account.num_pictures += 1
                if request.grad_cam:
                    account.explained.add(one.source, faces, names, one.is_video)
                if request.annotate or request.viewer is not None:
                    picture = annotated(faces, windows, names, monitored=one.is_video and request.monitor is not None)
                    if request.viewer is not None:
                        request.viewer.show(picture, faces, names)
                if request.annotate and not one.is_video:
                    write_image(target, picture)
                elif request.annotate:
                    video = video or stack.enter_context(written_video(target, rate, *picture.shape[:2]))
                    for _ in range(_repeats(faces[0].still, rate, video) if request.camera else 1):
                        video.add(picture)
                    self._moments(one.source, faces, names)
                self._progress()
        if tracker is not None:
            account.num_known_again += tracker.num_known_again
            account.appearance = tracker.appearance.name
        if request.annotate and account.num_pictures > before:
            account.written.append(target)

    def _predicted(self, one: Input, tracker: Tracker | None, everybody: bool) -> Iterator[list[FacePrediction]]:
        if tracker is None or self.request.camera is not None:
            return predict_stream(one.read(), self.models, self.detector, tracker, everybody, one.frames_per_second)
        rate = one.frames_per_second
        return predict_file(one.read, self.models, self.detector, tracker, everybody, rate, self._progress)

    def _progress(self) -> None:
        self.num_read += 1
        self.done(self.num_read)

    def _row_by_row(
        self, one: Input, faces: Sequence[FacePrediction], names: Sequence[str | None]
    ) -> list[Window | None]:
        account, windows, camera = self.account, [], self.request.camera
        rate = one.frames_per_second if camera is None else min(camera.rate, camera.given_rate)
        for predicted, name in zip(faces, names, strict=True):
            if predicted.face is not None:
                for unlike in self.unlike:
                    unlike.add(predicted.still.image, predicted.face)
            window = self.watch.update(one.source, name, predicted, rate) if one.is_video else None
            windows.append(window)
            row = predicted.row(self.columns, name)
            self.table.add({"source": one.source, **({} if window is None else asdict(window)), **row})
            if one.is_video:
                self.people.add(one.source, name, predicted, row)
                account.num_unknown += predicted.face is not None and name is None
            elif any(predicted.said) and len(account.images) < MOST_PRINTED:
                said = [line for said in predicted.said for line in answers(said, self.scale)]
                account.images.append((one.source, predicted.number, said))
        account.num_faces += sum(predicted.face is not None for predicted in faces)
        account.num_without_face += faces[0].face is None
        account.num_by_middle += faces[0].predicted_by_middle
        return windows

    def _moments(self, source: str, faces: Sequence[FacePrediction], names: Sequence[str | None]) -> None:
        for predicted, name in zip(faces, names, strict=True):
            if name is not None and (strip := self.account.strip(source, name)) is not None:
                strip.add(predicted)


def _repeats(still: Still, rate: float, video: FrameWriter) -> int:
    """Return how often a frame of a camera is written, so that the video runs as fast as the world did."""
    return max(0, int(still.time * rate) + 1 - video.num_frames)


def scale_of(models: Sequence[Model]) -> Scale:
    """Return the scale of the scores: that of the first run that predicts scores."""
    return next((model.scale for model in models if "predicted_score" in model.columns), BDI_II)


def held_out_of_columns(models: Sequence[Model]) -> dict[str, HeldOut]:
    """Return the held-out metric of each column that has one, see `column_names`."""
    return {
        own[name]: found
        for model, own in zip(models, column_names(models), strict=True)
        for name, found in model.held_out.items()
    }


def _columns(models: Sequence[Model], request: PredictRequest) -> list[str]:
    columns = list(PLACE)
    for own in column_names(models):
        if not own:
            raise ConfigError(
                "expected runs that predict expressions, valence and arousal, or a score; found a run with none of them"
            )
        columns += own.values()
    if request.monitor is not None:
        if not emotions(models):
            raise ConfigError("the monitor watches emotions; give --run a run that predicts expressions")
        columns += [f.name for f in fields(Window) if f.name not in columns]
    return columns
