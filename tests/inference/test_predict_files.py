"""Files as people have them: times, names, damage and full disks."""

import errno
import io
import os
import resource
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from fercli.datasets.timeline import Timeline
from fercli.datasets.video import probe
from fercli.errors import ConfigError, DataError, RunError
from fercli.inference.model import Model
from fercli.inference.predict import predict
from fercli.inference.request import PredictRequest
from fercli.monitor.settings import Settings


def test_a_video_whose_head_promises_more_is_predicted_to_its_end_and_named(model, detector, tmp_path, write_webm):
    frames = [np.full((100, 120, 3), 90, np.uint8)] * 24
    path = write_webm(tmp_path / "cut.webm", frames, np.arange(24) / 12, rate=12, seconds=5.0)
    account = predict(PredictRequest([path], tmp_path / "out", annotate=False), [model], detector)
    assert account.num_pictures == 24
    told = "24 frames of 2.0 s could be read, and its header promises 5.0 s; the video is cut off or damaged, "
    assert account.notes == {str(path): f"{told}or its header is wrong"}


def test_frames_that_cannot_be_decoded_are_counted(model, detector, talking, tmp_path, monkeypatch):
    monkeypatch.setattr("fercli.inference.material.timeline", lambda file: Timeline(np.arange(60) / 12))
    account = predict(PredictRequest([talking], tmp_path / "out", annotate=False), [model], detector)
    assert account.notes == {str(talking): "24 of 60 frames could be decoded; the video is damaged"}


def test_times_of_a_recording_of_a_browser_decide(model, detector, tmp_path, write_webm):
    """Two seconds at 30 frames a second, two at 10: spans are counted in seconds of their mean rate, not in frames."""
    times = np.concatenate([np.arange(60) / 30, 2 + np.arange(20) / 10])
    path = write_webm(tmp_path / "a.webm", [np.full((100, 120, 3), 90, np.uint8)] * 80, times)
    watched = Settings(clip_seconds=0.5, window_seconds=1.0, persistence_seconds=0.25)
    account = predict(PredictRequest([path], tmp_path / "out", watched), [model], detector)
    frame = pd.read_parquet(tmp_path / "out" / "predictions.parquet")
    np.testing.assert_allclose(frame["time"], times, atol=1e-3)
    rate = account.watched["a.webm", "person 1"].rate
    assert rate == pytest.approx(79 / 3.9, abs=0.01)
    first = frame["time"][frame["entropy"].notna()].min()
    counts = watched.counts(rate)
    assert first == pytest.approx((counts.clip + counts.window - 2) / rate, abs=1 / rate)
    (person,) = account.people
    assert (person["first_seen"], person["last_seen"], person["frames"]) == (0, pytest.approx(3.9), 80)
    annotated = probe(tmp_path / "out" / "annotated" / "a.webm.mp4")
    assert (annotated.num_frames, annotated.seconds) == (80, pytest.approx(80 / rate, abs=0.01))


def test_times_that_go_back_are_told_and_mended(model, detector, tmp_path, write_webm):
    times = [0, 0.1, 0.2, 0.1, 0.4, 0.5]
    path = write_webm(tmp_path / "a.webm", [np.full((100, 120, 3), 90, np.uint8)] * 6, times)
    account = predict(PredictRequest([path], tmp_path / "out"), [model], detector)
    np.testing.assert_allclose(pd.read_parquet(tmp_path / "out" / "predictions.parquet")["time"], np.arange(6) / 10)
    assert account.notes[str(path)].startswith("1 of 6 frames go back in time")


HOSTILE = [b"Ren\xe9.png", b"n" * 251 + b".png", b"n" * 250 + b"m.png", b"a\nb.png", b"Ren\\udce9.png", b"Ren\xe9.mp4"]


def test_files_of_any_name_are_predicted_and_have_outputs_of_their_own(model, detector, talking, tmp_path):
    folder = os.fsencode(tmp_path / "in")
    os.mkdir(folder)
    image = cv2.imencode(".png", np.full((100, 120, 3), 90, np.uint8))[1].tobytes()
    for name in HOSTILE:
        content = talking.read_bytes() if name.endswith(b"mp4") else image
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(content)
    out = tmp_path / os.fsdecode(b"caf\xe9")
    account = predict(PredictRequest([tmp_path / "in"], out), [model], detector)
    assert account.failed == {}
    named = pd.read_parquet(io.BytesIO((out / "predictions.parquet").read_bytes()))["source"].unique().tolist()
    assert len(named) == len({*named}) == len(HOSTILE)
    assert "".join(named).encode()
    assert r"Ren\udce9.mp4" in named
    pictures = [path for path in account.written if path.parent.name == "annotated"]
    assert len({*pictures}) == len(HOSTILE)
    assert all(path.is_file() for path in account.written)
    assert {path.suffix for path in pictures} == {".png", ".mp4"}
    assert sorted(path.name for path in (out / "annotated").iterdir()) == sorted(path.name for path in pictures)


@pytest.fixture
def full_disk():
    """A disk that is full after so many bytes of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("kind", ["image", "video"])
def test_a_full_disk_is_an_error_and_leaves_no_part(model, detector, talking, tmp_path, full_disk, kind):
    path = talking
    if kind == "image":
        path = tmp_path / "a.png"
        noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
        cv2.imwrite(str(path), noise)
    full_disk(20_000)
    with pytest.raises((RunError, OSError)) as raised:
        predict(PredictRequest([path], tmp_path / "out"), [model], detector)
    assert "could not be written whole" in str(raised.value) or raised.value.errno == errno.EFBIG
    assert list((tmp_path / "out" / "annotated").iterdir()) == []


def test_a_video_without_a_frame_is_an_error(model, detector, talking, tmp_path, monkeypatch):
    monkeypatch.setattr("fercli.inference.material.stills", lambda file: iter([]))
    with pytest.raises(DataError, match=r"talk.mp4: no frame could be decoded"):
        predict(PredictRequest([talking], tmp_path / "out", annotate=False), [model], detector)


def test_files_whose_endings_alone_differ_have_a_picture_each(model, detector, talking, tmp_path):
    for ending in ("mp4", "avi"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"a.{ending}").write_bytes(talking.read_bytes())
    account = predict(PredictRequest([tmp_path / "in"], tmp_path / "out"), [model], detector)
    names = sorted(path.name for path in account.written if path.parent.name == "annotated")
    assert names == ["a.avi.mp4", "a.mp4"]


def test_what_was_written_before_is_not_predicted(model, detector, talking, tmp_path):
    (tmp_path / "a.mp4").write_bytes(talking.read_bytes())
    first, again = (predict(PredictRequest([tmp_path], tmp_path / "predictions"), [model], detector) for _ in range(2))
    assert first.num_pictures == again.num_pictures == 24
    with pytest.raises(DataError, match="holds nothing but what was written to"):
        predict(PredictRequest([tmp_path / "predictions"], tmp_path / "predictions"), [model], detector)


def test_a_run_that_gives_features_alone_is_refused(trained):
    with pytest.raises(ConfigError, match="gives features but no predictions"):
        Model.of(trained("head=embedding", "loss=[contrastive]"))


def test_a_picture_is_no_clip(trained, detector, tmp_path):
    cv2.imwrite(str(tmp_path / "one.png"), np.full((100, 120, 3), 90, np.uint8))
    model = Model.of(trained("method=softmax"))
    model.columns  # noqa: B018  (of single images)
    model.clip = (3, 1)
    with pytest.raises(DataError, match=r"one.png: an image, and the runs read clips"):
        predict(PredictRequest([tmp_path / "one.png"], tmp_path / "out"), [model], detector)


def test_one_damaged_file_is_an_error(model, detector, tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with pytest.raises(DataError, match=r"broken.mp4: video cannot be opened"):
        predict(PredictRequest([tmp_path / "broken.mp4"], tmp_path / "out"), [model], detector)
    with pytest.raises(DataError, match=r"expected an image, a video or a folder with some in .*nothing; found none"):
        predict(PredictRequest([tmp_path / "nothing"], tmp_path / "out"), [model], detector)
