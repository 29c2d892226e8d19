"""Everything that `fercli predict` does: judge faces, watch them, write tables, pictures and videos."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fercli.errors import ConfigError, DataError
from fercli.inference.annotate import annotated
from fercli.inference.frames import media, rate_and_length, read_as_video, stills
from fercli.inference.model import Model
from fercli.inference.output import PredictionTable, VideoFile
from fercli.inference.people import People
from fercli.inference.stream import FindsFaces, JudgedFace, column_names, judge_stream
from fercli.inference.strip import Strip
from fercli.inference.thinned import Thinned
from fercli.monitor.monitor import Monitor, Window
from fercli.monitor.settings import Settings

Progress = Callable[[int, int], None]
MOST_WINDOWS = 4000  # of a video that are kept for its picture
PLACE = ("source", "frame", "time", "face_found", "face", "confidence", "left", "top", "right", "bottom")


@dataclass
class Account:
    """What was done.

    Attributes:
        num_by_middle: of the pictures without a face, those whose middle a run judged in its place.
        failed: files that could not be read, with the reason.
        written: files, the tables first.
        seconds: for reading, finding faces, judging and writing.
        notes: what was wrong with a file that was judged all the same.
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


@dataclass(frozen=True)
class Request:
    """What a user asks for.

    Attributes:
        out: folder that is written.
        monitor: settings of the disorder monitor; None without it.
        all_faces: of videos too; of images, always.
        annotate: write pictures and videos with the answers drawn in.
    """

    path: Path
    out: Path
    monitor: Settings | None = None
    all_faces: bool = False
    annotate: bool = True


def predict(
    request: Request, models: Sequence[Model], detector: FindsFaces, progress: Progress = lambda done, total: None
) -> Account:
    """Judge an image, a video, or a folder of both.

    Args:
        progress: is called with the number of pictures done and of all that are known of.

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
    people = People([name for own in column_names(models) for name in own.values()])
    lengths = {}
    for file in files:
        try:
            lengths[file] = rate_and_length(file)
        except DataError as error:
            account.failed[str(file)] = str(error)
    total = sum(length for _, length in lengths.values())
    with PredictionTable(request.out, columns) as table:
        for file, (rate, length) in lengths.items():
            before = account.num_pictures
            try:
                if not read_as_video(file) and all(model.clip for model in models):
                    raise DataError(f"{file}: an image, and the runs read clips; give a video")
                _judge_file(request, models, detector, file, rate, table, people, account, lambda n: progress(n, total))
            except DataError as error:
                account.failed[str(file)] = str(error)
            else:
                _compare(file, account.num_pictures - before, length, account)
    account.written[:0] = [table.parquet, table.csv]
    account.people = people.rows()
    if account.people:
        people.write(request.out / "people.csv")
        account.written.insert(2, request.out / "people.csv")
    account.seconds = time.monotonic() - start
    if account.failed and len(files) == 1:
        raise DataError(next(iter(account.failed.values())))
    return account


def _compare(file: Path, num_read: int, length: int, account: Account) -> None:
    """Note a video that ends before its head says; some files count a frame or two more than they have."""
    if not num_read:
        account.failed[str(file)] = f"{file}: no frame could be decoded; the video is damaged"
    elif num_read < length - max(2, length // 100):
        account.notes[str(file)] = f"{num_read:,} of {length:,} frames could be read; the video is cut off or damaged"


def _judge_file(
    request: Request,
    models: Sequence[Model],
    detector: FindsFaces,
    file: Path,
    rate: float,
    table: PredictionTable,
    people: People,
    account: Account,
    done: Callable[[int], None],
) -> None:
    watch = request.monitor if read_as_video(file) else None
    names = column_names(models)
    monitor, person = None, -1
    all_faces = request.all_faces or not read_as_video(file)
    name = str(file.relative_to(request.path)) if file != request.path else file.name
    with ExitStack() as stack:
        video: VideoFile | None = None
        for faces in judge_stream(stills(file), models, detector, all_faces, rate):
            if watch is not None and faces[0].number > person and faces[0].face is not None:
                monitor, person, account.rate = Monitor(emotions(models), watch, rate), faces[0].number, rate
            window = _watched(monitor, models, faces[0])
            state = {} if window is None else asdict(window)
            for judged in faces:
                row = judged.row(names)
                table.add({"source": name, **state, **row})
                if read_as_video(file) and not all_faces:
                    people.add(name, judged, row)
            account.num_pictures += 1
            account.num_faces += sum(judged.face is not None for judged in faces)
            account.num_without_face += faces[0].face is None
            account.num_by_middle += faces[0].judged_by_middle
            if window is not None:
                account.watch(name, window)
            if request.annotate:
                picture = annotated(faces, window, monitored=watch is not None)
                if not read_as_video(file):
                    target = beside(request.out / "annotated", name, ".png")
                    account.written.append(_write_picture(target, picture))
                elif video is None:
                    target = beside(request.out / "annotated", name, ".mp4")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    video = stack.enter_context(VideoFile(target, rate, *picture.shape[:2]))
                    account.written.append(target)
                if video is not None:
                    video.add(picture)
                    account.strips.setdefault(name, Strip()).add(faces[0])
            done(account.num_pictures)


def beside(folder: Path, name: str, ending: str) -> Path:
    """The file in a folder that belongs to a source; two sources that differ in their endings alone have two."""
    path = folder / name
    return path if path.suffix == ending == ".mp4" else path.with_name(path.name + ending)


def _watched(monitor: Monitor | None, models: Sequence[Model], judged: JudgedFace) -> Window | None:
    """The next window, from the first run of expressions; None without a face, and until its first clip is complete.

    The monitor tells of a person: what a run says of the middle of a picture without a face is no sign of anybody's
    mood, so an empty room raises no alert.
    """
    if monitor is None or judged.face is None:
        return None
    said = next(said for said, model in zip(judged.said, models, strict=True) if model.classifies)
    if not said:
        return None
    probabilities = np.array([said[f"prob_{name}"] for name in monitor.classes])
    return monitor.update(probabilities, judged.outputs.get("predicted_score"), judged.still.time)


def alerts(window: Window) -> list[str]:
    """The alerts that a window gives."""
    return [f.name for f in fields(window) if f.name.endswith("_alert") and getattr(window, f.name)]


def _write_picture(path: Path, picture: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return path


def emotions(models: Sequence[Model]) -> tuple[str, ...]:
    """The names of the expressions that the runs predict; empty without any."""
    return next((model.classes for model in models if model.classes and model.classifies), ())


def _columns(models: Sequence[Model], request: Request) -> list[str]:
    columns = list(PLACE)
    for own in column_names(models):
        if not own:
            raise ConfigError(
                "expected runs that predict expressions, valence and arousal, or a score; found none in one"
            )
        columns += own.values()
    if request.monitor is not None:
        if not emotions(models):
            raise ConfigError("the monitor watches emotions; give --run a run that predicts expressions")
        columns += [f.name for f in fields(Window) if f.name not in columns]
    return columns
