"""The tables, people, monitors, images and videos of one command, input by input."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict

from fercli.datasets.media import FrameWriter, write_image, written_video
from fercli.inference.account import MOST_PRINTED, Account
from fercli.inference.annotate import annotated
from fercli.inference.appearance import EdgesAndColors
from fercli.inference.captions import answers
from fercli.inference.columns import held_out_of_columns, scale_of
from fercli.inference.frames import Still
from fercli.inference.material import Input
from fercli.inference.model import Model
from fercli.inference.output import TableWriter, output_file
from fercli.inference.people import People
from fercli.inference.request import PredictRequest
from fercli.inference.stream import FacePrediction, FindsFaces, column_names, predict_stream
from fercli.inference.tracker import Tracker
from fercli.inference.two_passes import predict_file
from fercli.inference.unlike import Unlike
from fercli.inference.watch import Watch
from fercli.monitor.monitor import Window


class Work:
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
