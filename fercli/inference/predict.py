"""Everything that `fercli predict` does: judge faces, watch them, write tables, pictures and videos."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import cv2
import numpy as np

from fercli.errors import ConfigError, DataError
from fercli.inference.annotate import annotated
from fercli.inference.frames import is_video, media, rate_and_length, stills
from fercli.inference.model import Model
from fercli.inference.output import Table, VideoFile
from fercli.inference.stream import FindsFaces, Judged, column_names, judge_stream
from fercli.inference.strip import Strip
from fercli.monitor.monitor import Monitor, Window
from fercli.monitor.settings import Settings

Progress = Callable[[int, int], None]
PLACE = ("source", "frame", "time", "face", "confidence", "left", "top", "right", "bottom")


@dataclass
class Account:
    """What was done.

    Attributes:
        failed: files that could not be read, with the reason.
        written: files, the tables first.
        seconds: for reading, finding faces, judging and writing.
        windows: of the monitor, thinned out evenly to at most `MOST_WINDOWS` of each video.
        alerts: names of the alerts that each watched video gave.
        strips: moments of each video.
    """

    num_pictures: int = 0
    num_faces: int = 0
    num_without_face: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    written: list[Path] = field(default_factory=list)
    seconds: float = 0.0
    windows: dict[str, list[Window]] = field(default_factory=dict)
    alerts: dict[str, set[str]] = field(default_factory=dict)
    strips: dict[str, Strip] = field(default_factory=dict)


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


MOST_WINDOWS = 4000


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
    files = media(request.path)
    request.out.mkdir(parents=True, exist_ok=True)
    account, start = Account(), time.monotonic()
    lengths = {}
    for file in files:
        try:
            lengths[file] = rate_and_length(file)
        except DataError as error:
            account.failed[str(file)] = str(error)
    total = sum(length for _, length in lengths.values())
    with Table(request.out, columns) as table:
        for file, (rate, _) in lengths.items():
            try:
                _judge_file(request, models, detector, file, rate, table, account, lambda n: progress(n, total))
            except DataError as error:
                account.failed[str(file)] = str(error)
    account.written[:0] = [table.parquet, table.csv]
    account.seconds = time.monotonic() - start
    if account.failed and len(files) == 1:
        raise DataError(next(iter(account.failed.values())))
    return account


def _judge_file(
    request: Request,
    models: Sequence[Model],
    detector: FindsFaces,
    file: Path,
    rate: float,
    table: Table,
    account: Account,
    done: Callable[[int], None],
) -> None:
    watch = request.monitor if is_video(file) else None
    names = column_names(models)
    monitor, person = None, -1
    all_faces = request.all_faces or not is_video(file)
    name = str(file.relative_to(request.path)) if file != request.path else file.name
    with ExitStack() as stack:
        video: VideoFile | None = None
        for faces in judge_stream(stills(file), models, detector, all_faces):
            if watch is not None and faces[0].number > person and faces[0].face is not None:
                monitor, person = Monitor(emotions(models), watch, rate), faces[0].number
            window = _watched(monitor, faces[0])
            state = {} if window is None else asdict(window)
            for judged in faces:
                table.add({"source": name, **state, **judged.row(names)})
            account.num_pictures += 1
            account.num_faces += sum(judged.face is not None for judged in faces)
            account.num_without_face += faces[0].face is None
            if window is not None:
                _keep(account.windows.setdefault(name, []), window)
                account.alerts.setdefault(name, set()).update(alerts(window))
            if request.annotate:
                picture = annotated(faces, window, monitored=watch is not None)
                target = request.out / "annotated" / name
                if not is_video(file):
                    account.written.append(_write_picture(target.with_name(target.name + ".png"), picture))
                elif video is None:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target = target.with_suffix(".mp4")
                    video = stack.enter_context(VideoFile(target, rate, *picture.shape[:2]))
                    account.written.append(target)
                if video is not None:
                    video.add(picture)
                    account.strips.setdefault(name, Strip()).add(faces[0])
            done(account.num_pictures)


def _watched(monitor: Monitor | None, judged: Judged) -> Window | None:
    said = judged.outputs
    if monitor is None or "predicted" not in said:  # no face, or the first clip is not complete
        return None
    probabilities = np.array([said[f"prob_{name}"] for name in monitor.classes])
    return monitor.update(probabilities, said.get("predicted_score"), judged.still.time)


def alerts(window: Window) -> list[str]:
    """The alerts that a window gives."""
    return [f.name for f in fields(window) if f.name.endswith("_alert") and getattr(window, f.name)]


def _keep(windows: list[Window], window: Window) -> None:
    """Append; where there are too many, every second one goes."""
    windows.append(window)
    if len(windows) > MOST_WINDOWS:
        del windows[::2]


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
