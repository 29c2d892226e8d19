import gc
import json
import shutil
import tracemalloc
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from fercli.cli.app import app
from fercli.datasets.video import Video, probe
from fercli.errors import ConfigError, DataError
from fercli.inference.model import Model
from fercli.inference.output import held
from fercli.inference.predict import predict
from fercli.inference.request import PredictRequest
from fercli.monitor.settings import NOTICE, Settings
from fercli.runs.folder import RunFolder

QUICK = Settings(clip_seconds=0.25, window_seconds=0.5, persistence_seconds=0.25)  # 3, 6 and 3 frames at 12 a second


def test_a_video_becomes_a_table_a_video_and_windows(model, detector, talking, tmp_path):
    account = predict(PredictRequest([talking], tmp_path / "out", QUICK), [model], detector)
    frame = pd.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert len(frame) == account.num_pictures == account.num_faces == 24
    assert frame["source"].unique().tolist() == ["talk.mp4"]
    assert frame["frame"].tolist() == list(range(24))
    np.testing.assert_allclose(frame["time"], np.arange(24) / 12, atol=1e-3)
    # The first window is complete with frame 3 + 6 - 1, counted from 1.
    assert frame["entropy"].isna().tolist() == [True] * 7 + [False] * 17
    assert len(account.watched["talk.mp4", "person 1"].windows.values) == 17
    again = pd.read_csv(tmp_path / "out" / "predictions.csv")
    known = [name for name in frame.columns[frame.notna().any()] if not name.endswith("_alert")]
    pd.testing.assert_frame_equal(again[known], frame[known], check_dtype=False)
    assert probe(tmp_path / "out" / "annotated" / "talk.mp4").num_frames == 24
    with Video(tmp_path / "out" / "annotated" / "talk.mp4") as video:
        assert {frame.image.shape for frame in video.frames()} == {(160, 160, 3)}


def test_an_image_becomes_a_row_for_each_face_and_a_picture(model, detector, tmp_path):
    cv2.imwrite(str(tmp_path / "two.png"), np.full((100, 120, 3), 90, np.uint8))
    predict(PredictRequest([tmp_path / "two.png"], tmp_path / "out"), [model], detector)
    frame = pd.read_parquet(tmp_path / "out" / "predictions.parquet")
    assert frame["face"].tolist() == [0, 1]
    assert frame["right"].tolist() == [20.0, 90.0]
    picture = cv2.imread(str(tmp_path / "out" / "annotated" / "two.png.png"))
    assert picture.shape == (100, 120, 3)
    assert (picture != 90).any()


def test_a_damaged_file_of_a_folder_is_named_and_the_others_are_predicted(model, detector, talking, tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "whole.mp4").write_bytes(talking.read_bytes())
    (folder / "broken.mp4").write_bytes(b"no video")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff cut")
    account = predict(PredictRequest([folder], tmp_path / "out", annotate=False), [model], detector)
    assert sorted(path.rpartition("/")[2] for path in account.failed) == ["broken.jpg", "broken.mp4"]
    assert account.num_pictures == 24
    assert set(pd.read_parquet(tmp_path / "out" / "predictions.parquet")["source"]) == {"deep/whole.mp4"}


def test_a_video_whose_frame_rate_is_zero_is_named_and_the_others_are_predicted(model, detector, talking, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "whole.mp4").write_bytes(talking.read_bytes())
    timeless = tmp_path / "in" / "timeless.avi"
    writer = cv2.VideoWriter(str(timeless), cv2.VideoWriter.fourcc(*"MJPG"), 12.0, (120, 100))
    writer.write(np.full((100, 120, 3), 90, np.uint8))
    writer.release()
    content = timeless.read_bytes()
    rate = content.find(b"strh") + 8 + 20  # in the header of the stream: the length of a frame, and in what unit
    timeless.write_bytes(content[:rate] + bytes(8) + content[rate + 8 :])
    account = predict(PredictRequest([tmp_path / "in"], tmp_path / "out", QUICK), [model], detector)
    reason = f"{timeless}: video has no frame rate (timeless.avi: its rate is zero or meaningless)"
    assert account.failed == {str(timeless): reason}
    assert account.num_pictures == 24
    assert set(pd.read_parquet(tmp_path / "out" / "predictions.parquet")["source"]) == {"whole.mp4"}
    with pytest.raises(DataError, match="its rate is zero or meaningless"):
        predict(PredictRequest([timeless], tmp_path / "out"), [model], detector)


def test_two_runs_of_one_kind_stand_side_by_side_and_the_first_is_watched(model, trained, detector, talking, tmp_path):
    other = Model.of(trained("method=softmax", "seed=1"))
    account = predict(PredictRequest([talking], tmp_path / "both", QUICK), [model, other], detector)
    alone = predict(PredictRequest([talking], tmp_path / "one", QUICK), [model], detector)
    windows, expected = (found.watched["talk.mp4", "person 1"].windows.values for found in (account, alone))
    assert windows == expected
    both, one = (pd.read_parquet(tmp_path / name / "predictions.parquet") for name in ("both", "one"))
    assert sorted(set(both) - set(one)) == sorted(f"run2_{name}" for name in model.columns)
    pd.testing.assert_frame_equal(both[one.columns], one)
    assert account.strips["talk.mp4", "person 1"].moments()[0].said[1][0].startswith(both["run2_predicted"][0])


@pytest.fixture(scope="module")
def blinking(tmp_path_factory):
    """A video of 24 frames, 12 a second, whose frames 10 to 15 are dark, so that no face is found in them."""
    path = tmp_path_factory.mktemp("videos") / "blinking.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 12.0, (120, 100))
    for i in range(24):
        writer.write(np.full((100, 120, 3), 0 if 10 <= i < 16 else 90, np.uint8))
    writer.release()
    return path


def test_frames_without_a_face_are_predicted_by_their_middle_where_a_run_was_trained_so(
    model, trained, detector, blinking, tmp_path
):
    """They stand in the table, in the video and in the account; nobody's mean and no window of the monitor has them."""
    looks = replace(model, predicts_middle=True)
    affect = Model.of(trained("method=affect_regression"))
    with_middle = predict(PredictRequest([blinking], tmp_path / "middle", QUICK), [looks, affect], detector)
    without = predict(PredictRequest([blinking], tmp_path / "without", QUICK), [model, affect], detector)
    assert (with_middle.num_pictures, with_middle.num_faces, with_middle.num_without_face) == (24, 18, 6)
    assert (with_middle.num_by_middle, without.num_by_middle) == (6, 0)
    frame = pd.read_parquet(tmp_path / "middle" / "predictions.parquet")
    dark = [10 <= i < 16 for i in range(24)]
    assert frame["face_found"].tolist() == [not is_dark for is_dark in dark]
    assert frame["predicted"].notna().all()
    assert frame["predicted_valence"].isna().tolist() == dark
    (middle,) = looks.predict([(np.zeros((100, 120, 3), np.uint8), None)])
    np.testing.assert_allclose(frame["prob_anger"][dark], middle["prob_anger"], atol=1e-5)
    assert frame["entropy"][dark].isna().all()
    seen = [found.watched["blinking.mp4", "person 1"].windows.values for found in (with_middle, without)]
    assert seen[0] == seen[1]
    assert with_middle.people == without.people
    assert [person["frames"] for person in with_middle.people] == [18]


def test_the_command_counts_images_predicted_by_their_middle(trained, detector, blinking, tmp_path, monkeypatch):
    run = shutil.copytree(trained("method=softmax").path, tmp_path / "run")
    origin = json.loads((run / "provenance.json").read_text())
    origin["data"]["options"]["no_face"] = "center"
    (run / "provenance.json").write_text(json.dumps(origin))
    RunFolder(run).finish(json.loads((run / "metrics.json").read_text()))  # the sums of what was changed
    monkeypatch.setattr("fercli.preprocess.detect.MTCNN", lambda device, **options: detector)
    arguments = ["predict", str(blinking), "--run", str(run), "--out", str(tmp_path / "out")]
    told = CliRunner().invoke(app, [*arguments, "--no-images"], catch_exceptions=False).stdout
    assert "24 images, 18 faces, 1 person, 6 images without a face (6 of them predicted by their middle); " in told
    found = json.loads(CliRunner().invoke(app, [*arguments, "--no-images", "--json"], catch_exceptions=False).stdout)
    assert (found["without_face"], found["predicted_by_middle"]) == (6, 6)


def test_a_run_that_says_nothing_of_a_face_is_refused(model, detector, talking, tmp_path, monkeypatch):
    monkeypatch.setattr(model, "columns", ())
    with pytest.raises(ConfigError, match="expected runs that predict expressions"):
        predict(PredictRequest([talking], tmp_path), [model], detector)


def test_a_monitor_without_emotions_is_refused(trained, detector, talking, tmp_path):
    affect = Model.of(trained("method=affect_regression"))
    with pytest.raises(ConfigError, match="the monitor watches emotions"):
        predict(PredictRequest([talking], tmp_path, QUICK), [affect], detector)


def test_as_many_windows_of_a_video_are_kept_as_are_asked_for(model, detector, talking, tmp_path, monkeypatch):
    monkeypatch.setattr("fercli.inference.watch.MOST_WINDOWS", 10)
    account = predict(PredictRequest([talking], tmp_path / "out", QUICK, annotate=False), [model], detector)
    assert 5 <= len(account.watched["talk.mp4", "person 1"].windows.values) <= 10


@pytest.fixture
def peak(model, detector, tmp_path, monkeypatch):
    """For a number of frames: the most bytes that Python and NumPy hold while a video of them is predicted and watched.

    What is held of a video of any length has small limits here, so that a short one reaches them.
    """
    (said,) = model.predict([(np.zeros((100, 120, 3), np.uint8), detector.detect([np.ones((100, 120, 3))])[0][1])])
    monkeypatch.setattr(Model, "predict", lambda model, seen: [dict(said) for _ in seen])
    monkeypatch.setattr("fercli.inference.watch.MOST_WINDOWS", 10)
    monkeypatch.setattr("fercli.inference.output.ROWS_AT_A_TIME", 16)

    def measure(num_frames):
        path = tmp_path / f"{num_frames}.mp4"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 12.0, (120, 100))
        for i in range(num_frames):
            writer.write(np.full((100, 120, 3), 90 + i % 9, np.uint8))
        writer.release()
        gc.collect()
        tracemalloc.start()
        try:
            account = predict(PredictRequest([path], tmp_path / "out", QUICK), [model], detector)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert account.num_faces == num_frames
        return most

    return measure


def test_memory_does_not_grow_with_the_video(peak):
    """Ten times as many frames: of each, the picture would be 13 MB more, the row 0.2 MB, and the window 0.07 MB."""
    peak(40)  # what is imported and kept by the first video of all
    assert peak(400) < peak(40) + 50_000


def test_the_command_finds_faces_and_says_that_it_is_no_diagnosis(trained, talking, tmp_path):
    out = tmp_path / "out"
    spans = ["--window", "0.5", "--persistence", "0.2"]
    arguments = ["predict", str(talking), "--run", str(trained("method=softmax").path), "--out", str(out)]
    done = CliRunner().invoke(app, [*arguments, "--monitor", *spans], catch_exceptions=False)
    assert done.exit_code == 0
    assert NOTICE in done.stdout
    assert "24 images, " in done.stdout
    frame = pd.read_parquet(out / "predictions.parquet")
    assert frame["face"].notna().mean() > 0.9
    pictures = ("monitor/talk.mp4, person 1.png", "monitor/false-alarms.png", "strip/talk.mp4, person 1.png")
    assert all((out / name).is_file() for name in pictures)
    assert frame["entropy"].notna().any()


def test_the_result_as_json(trained, talking, tmp_path):
    arguments = ["predict", str(talking), "--run", str(trained("method=softmax").path), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*arguments, "--no-images", "--json"], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert found["images"] == 24
    assert "generic face" not in done.stderr
    assert [path.rpartition("/")[2] for path in found["written"]] == [
        "predictions.parquet",
        "predictions.csv",
        "people.csv",
    ]
    assert found["failed"] == found["notes"] == {}
    (person,) = found["people"]
    assert (person["source"], person["person"], person["frames"]) == ("talk.mp4", "person 1", found["faces"])


def test_a_run_whose_patches_follow_no_landmarks_says_so(trained, talking, tmp_path, monkeypatch):
    monkeypatch.setattr(Model, "guesses_landmarks", True)
    arguments = ["predict", str(talking), "--run", str(trained("method=softmax").path), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*arguments, "--no-images"], catch_exceptions=False)
    assert "puts its patches where a generic face has eyes and mouth; with --landmarks" in done.stderr


def test_two_commands_never_write_into_one_folder(trained, talking, tmp_path):
    arguments = ["predict", str(talking), "--run", str(trained("method=softmax").path), "--out", str(tmp_path / "out")]
    with held(tmp_path / "out"):
        done = CliRunner().invoke(app, [*arguments, "--no-images"])
    assert isinstance(done.exception, DataError)
    assert f"another fercli predict writes to {tmp_path / 'out'}" in str(done.exception)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".lock"]
    assert CliRunner().invoke(app, [*arguments, "--no-images"], catch_exceptions=False).exit_code == 0
    arguments[-1] = str(talking)
    done = CliRunner().invoke(app, arguments)
    assert "expected a folder for the results, found a file" in str(done.exception)
