"""The work of `fercli predict`: predict faces, watch them, write tables, annotated images and videos."""

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from fercli.datasets.media import FrameWriter, write_image, written_video
from fercli.datasets.shards import storable
from fercli.errors import ConfigError, DataError
from fercli.inference.annotate import annotated
from fercli.inference.frames import media, read_as_video, stills, timeline
from fercli.inference.model import Model
from fercli.inference.output import TableWriter, output_file
from fercli.inference.people import People
from fercli.inference.stream import FacePrediction, FindsFaces, column_names, predict_stream
from fercli.inference.strip import Strip
from fercli.inference.thinned import Thinned
from fercli.monitor.monitor import Monitor, Window
from fercli.monitor.settings import Settings
from fercli.scales import BDI_II, Scale

Progress = Callable[[int, int], None]
MOST_WINDOWS = 4000  # that are kept of a video for its figure
PLACE = ("source", "frame", "time", "face_found", "face", "confidence", "left", "top", "right", "bottom")


@dataclass
class Account:
    """The results of one `fercli predict`.

    Attributes:
        num_pictures: number of images and video frames.
        num_by_middle: number of images without a face whose middle a run predicted instead.
        failed: files that could not be read, with the reason.
        written: files, the tables first.
        seconds: for reading, finding faces, predicting and writing.
        notes: file to what was wrong with it, though it could be predicted.
        windows: of the monitor, spread evenly over each video.
        alerts: names of the alerts that each watched video gave.
        strips: moments of each video.
        people: of the videos, with their mean scores.
        rate: frames a second of the video that was watched last.
    """

    num_pictures: int = 0
    num_faces: int = 0
    num_without_face: int = 0
    num_by_middle: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    written: list[Path] = field(default_factory=list)
    seconds: float = 0.0
    windows: dict[str, Thinned[Window]] = field(default_factory=dict)
    alerts: dict[str, set[str]] = field(default_factory=dict)
    strips: dict[str, Strip] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    rate: float = 0.0

    def watch(self, source: str, window: Window) -> None:
        """Take the next window of a video."""
        self.windows.setdefault(source, Thinned(MOST_WINDOWS)).add(lambda: window)
        self.alerts.setdefault(source, set()).update(alerts(window))

    def note(self, stream: "InputFile", told: Sequence[str]) -> None:
        """Add to the notes on a file that could be predicted; empty texts are left out."""
        if any(told):
            self.notes[stream.name] = "; ".join(filter(None, [self.notes.get(stream.name, ""), *told]))


@dataclass(frozen=True)
class InputFile:
    """A file to read: its name in tables, its frames a second, and its number of frames."""

    file: Path
    source: str
    frames_per_second: float
    num_frames: int

    @property
    def name(self) -> str:
        """Path of the file for messages, as text that UTF-8 can hold."""
        return storable(str(self.file))

    @property
    def is_video(self) -> bool:
        """Whether it is read as a video."""
        return read_as_video(self.file)


@dataclass(frozen=True)
class PredictRequest:
    """What the user asks for.

    Attributes:
        out: folder for the results.
        monitor: settings of the disorder monitor; None without a monitor.
        all_faces: predict all faces of videos too; all faces of images are always predicted.
        annotate: write images and videos with the predictions drawn in.
    """

    path: Path
    out: Path
    monitor: Settings | None = None
    all_faces: bool = False
    annotate: bool = True


def predict(
    request: PredictRequest,
    models: Sequence[Model],
    detector: FindsFaces,
    progress: Progress = lambda done, total: None,
) -> Account:
    """Predict an image, a video, or a folder of both.

    Args:
        progress: is called with the number of frames done and the number of all known frames.

    Raises:
        ConfigError: a run predicts nothing for a face, or the monitor lacks emotions.
        DataError: the only file that was asked for cannot be read.
    """
    columns = _columns(models, request)
    written = request.out.resolve()
    files = [file for file in media(request.path) if not file.resolve().is_relative_to(written)]
    if not files:
        raise DataError(
            f"{request.path} holds nothing but what was written to {request.out} before; give another --out"
        )
    request.out.mkdir(parents=True, exist_ok=True)
    account, start = Account(), time.monotonic()
    people = People([name for own in column_names(models) for name in own.values()], scale_of(models))
    streams = []
    for file, source in sources(files, request.path).items():
        try:
            frames = timeline(file)
        except DataError as error:
            account.failed[storable(str(file))] = str(error)
        else:
            streams.append(InputFile(file, source, frames.frames_per_second, frames.num_frames))
            account.note(streams[-1], [*frames.remarks, frames.shortfall])
    total = sum(stream.num_frames for stream in streams)
    with TableWriter(request.out, columns) as table:
        for stream in streams:
            before = account.num_pictures
            try:
                if not stream.is_video and all(model.clip for model in models):
                    raise DataError(f"{stream.name}: an image, and the runs read clips; give a video")
                _predict_file(request, models, detector, stream, table, people, account, lambda n: progress(n, total))
            except DataError as error:
                account.failed[stream.name] = str(error)
            else:
                _compare(stream, account.num_pictures - before, account)
    account.written[:0] = [table.parquet, table.csv]
    account.people = people.rows()
    if account.people:
        people.write(request.out / "people.csv")
        account.written.insert(2, request.out / "people.csv")
    account.seconds = time.monotonic() - start
    if account.failed and len(files) == 1:
        raise DataError(next(iter(account.failed.values())))
    return account


def sources(files: Sequence[Path], path: Path) -> dict[Path, str]:
    """Return the name of each file in tables: its path below `path`, as text that UTF-8 can hold."""
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for file in files:
        name = str(file.relative_to(path)) if file != path else file.name
        text = storable(name)
        if text in taken:  # the escaped name of another file is the same
            text += f"-{hashlib.sha256(os.fsencode(name)).hexdigest()[:16]}"
        names[file] = text
        taken.add(text)
    return names


def _compare(stream: InputFile, num_read: int, account: Account) -> None:
    """Note a video with frames that could not be decoded."""
    if not num_read:
        account.failed[stream.name] = f"{stream.name}: no frame could be decoded; the video is damaged"
    elif num_read < stream.num_frames:
        account.note(stream, [f"{num_read:,} of {stream.num_frames:,} frames could be decoded; the video is damaged"])


def _predict_file(
    request: PredictRequest,
    models: Sequence[Model],
    detector: FindsFaces,
    stream: InputFile,
    table: TableWriter,
    people: People,
    account: Account,
    done: Callable[[int], None],
) -> None:
    watch = request.monitor if stream.is_video else None
    names = column_names(models)
    monitor, person, source, rate = None, -1, stream.source, stream.frames_per_second
    all_faces = request.all_faces or not stream.is_video
    target = output_file(request.out / "annotated", source, ".mp4" if stream.is_video else ".png")
    num_before = account.num_pictures
    with ExitStack() as stack:
        video: FrameWriter | None = None
        for faces in predict_stream(stills(stream.file), models, detector, all_faces, rate):
            if watch is not None and faces[0].number > person and faces[0].face is not None:
                monitor, person, account.rate = Monitor(emotions(models), watch, rate), faces[0].number, rate
            window = _watched(monitor, models, faces[0])
            state = {} if window is None else asdict(window)
            for predicted in faces:
                row = predicted.row(names)
                table.add({"source": source, **state, **row})
                if stream.is_video and not all_faces:
                    people.add(source, predicted, row)
            account.num_pictures += 1
            account.num_faces += sum(predicted.face is not None for predicted in faces)
            account.num_without_face += faces[0].face is None
            account.num_by_middle += faces[0].predicted_by_middle
            if window is not None:
                account.watch(source, window)
            if request.annotate:
                picture = annotated(faces, window, monitored=watch is not None)
                if not stream.is_video:
                    write_image(target, picture)
                else:
                    video = video or stack.enter_context(written_video(target, rate, *picture.shape[:2]))
                    video.add(picture)
                    account.strips.setdefault(source, Strip()).add(faces[0])
            done(account.num_pictures)
    if request.annotate and account.num_pictures > num_before:
        account.written.append(target)


def _watched(monitor: Monitor | None, models: Sequence[Model], predicted: FacePrediction) -> Window | None:
    """Return the next window, from the first run that predicts expressions.

    It is None without a face, and until the first clip is complete. The monitor watches a person: the prediction for
    the middle of a frame without a face says nothing about a mood, so an empty room raises no alert.
    """
    if monitor is None or predicted.face is None:
        return None
    said = next(said for said, model in zip(predicted.said, models, strict=True) if model.classifies)
    if not said:
        return None
    probabilities = np.array([said[f"prob_{name}"] for name in monitor.classes])
    return monitor.update(probabilities, predicted.outputs.get("predicted_score"), predicted.still.time)


def alerts(window: Window) -> list[str]:
    """Return the names of the alerts that a window gives."""
    return [f.name for f in fields(window) if f.name.endswith("_alert") and getattr(window, f.name)]


def scale_of(models: Sequence[Model]) -> Scale:
    """Return the scale of the scores: that of the first run that predicts scores."""
    return next((model.scale for model in models if "predicted_score" in model.columns), BDI_II)


def emotions(models: Sequence[Model]) -> tuple[str, ...]:
    """Return the names of the expressions of the first run that predicts any; empty if no run does."""
    return next((model.classes for model in models if model.classes and model.classifies), ())


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
