"""The work of `fercli predict`: predict faces, watch people, write tables, annotated images and videos."""

import time
from collections.abc import Callable, Sequence

from fercli.errors import DataError
from fercli.inference.account import Account
from fercli.inference.columns import table_columns
from fercli.inference.material import input_files, input_of_camera, note_shortfall
from fercli.inference.model import Model
from fercli.inference.output import TableWriter
from fercli.inference.request import PredictRequest
from fercli.inference.stream import FindsFaces
from fercli.inference.work import Work

Progress = Callable[[int, int], None]


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
    columns = table_columns(models, request.monitor is not None)
    account, start = Account(), time.monotonic()
    inputs = input_files(request, account) if request.camera is None else [input_of_camera(request.camera)]
    request.out.mkdir(parents=True, exist_ok=True)
    total = sum((1 + one.is_video) * one.num_frames for one in inputs)
    with TableWriter(request.out, columns) as table:
        work = Work(request, models, detector, table, account, lambda done: progress(done, total))
        for one in inputs:
            before = account.num_pictures
            try:
                if not one.is_video and all(model.clip for model in models):
                    raise DataError(f"{one.name}: an image, and the runs read clips; give a video")
                work.predict(one)
            except DataError as error:
                account.failed[one.name] = str(error)
            else:
                note_shortfall(one, account.num_pictures - before, account)
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
