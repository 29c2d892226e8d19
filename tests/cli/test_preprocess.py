import hashlib
import json

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from fercli.cli.preprocess import preprocess
from fercli.datasets.store import Store
from fercli.datasets.synthetic.faces import faces
from fercli.errors import ConfigError, DataError
from fercli.preprocess.align import eye_template
from tests.corpora.layouts import write_folder
from tests.faults import FIRST_SPLIT, with_dlib_number


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    write_folder(folder, faces(num_faces=8, seed=0))
    return folder


@pytest.fixture
def run():
    """Run the command; returns what it printed on standard output, or raises what it raised."""
    app = typer.Typer()
    app.command()(preprocess)

    def run(*arguments):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=True)
        if result.exception:
            raise result.exception
        return result.stdout

    return run


def test_detects_aligns_and_writes_a_store(run, raw, tmp_path):
    store = tmp_path / "store"
    printed = run("data=folder", f"raw={raw}", f"store={store}", "data.size=40", "num_workers=0")
    kept = Store(store)
    assert f"folder: {len(kept)} rows kept" in printed
    assert str(store) in printed
    height, width = cv2.imread(str(store / "figures" / "alignment.png")).shape[:2]
    assert height > width  # four rows of three steps
    assert len(kept) >= 7
    assert kept.meta["image"]["size"] == 40
    assert kept.meta["options"]["detector"]["long_side"] == 0
    assert all(len(points) == 10 for points in kept.column("landmarks"))
    again = run("data=folder", f"raw={raw}", f"store={store}", "data.size=40", "num_workers=0")
    assert "was complete: verified" in again


def test_landmarks_are_found_where_asked_for(run, raw, predictor_file, tmp_path):
    store = tmp_path / "store"
    arguments = ["data=folder", f"raw={raw}", f"store={store}", "data.size=40", "num_workers=0", "crop.align=eyes"]
    run(*arguments, "landmarks=dlib", f"landmarks.model={predictor_file}")
    kept = Store(store)
    assert len(kept) >= 7
    assert kept.has_landmarks.all()
    eyes = kept.landmarks(np.arange(len(kept)))[:, 36:48].reshape(-1, 2, 6, 2).mean(2)
    np.testing.assert_allclose(eyes, np.broadcast_to(eye_template(40, 0.35, 0.4), eyes.shape), atol=1e-3)
    sha256 = hashlib.sha256(predictor_file.read_bytes()).hexdigest()
    assert kept.meta["options"]["landmarks"] == {"model": str(predictor_file), "sha256": sha256}
    with pytest.raises(DataError, match=r"was begun differently: landmarks was .* and is now null"):
        run(*arguments)


def test_a_predictor_that_would_crash_the_command_is_one_message(refused, raw, predictor_file, tmp_path):
    damaged = tmp_path / "damaged.dat"
    damaged.write_bytes(with_dlib_number(predictor_file.read_bytes(), FIRST_SPLIT, 2**45))
    arguments = ["preprocess", "data=folder", f"raw={raw}", f"store={tmp_path}/store", "num_workers=0"]
    message = refused(*arguments, "landmarks=dlib", f"landmarks.model={damaged}")
    assert f"{damaged} is damaged: expected dlib's predictor of 68 landmarks" in message
    assert "http://dlib.net" in message


def test_ready_crops_have_no_figure_of_their_alignment(run, raw, tmp_path):
    store = tmp_path / "store"
    run("data=folder", f"raw={raw}", f"store={store}", "data.size=40", "num_workers=0", "detector=none")
    assert Store(store)
    assert not (store / "figures").exists()


def test_json_is_the_account(run, raw, tmp_path):
    (raw / "train" / "fear").mkdir(parents=True, exist_ok=True)
    (raw / "train" / "fear" / "broken.png").write_bytes(b"")
    store = tmp_path / "store"
    printed = run("data=folder", "detector=none", f"raw={raw}", f"store={store}", "num_workers=0", "--json")
    account = json.loads(printed)
    assert account["rows"] == 8 == sum(sum(classes.values()) for classes in account["kept"].values())
    assert "empty file" in account["left_out"][0].pop("example")
    assert account["left_out"] == [
        {"split": "train", "expression": "fear", "reason": "image cannot be decoded", "rows": 1}
    ]
    assert list(account["remedies"]) == ["image cannot be decoded"]


def test_check_writes_nothing(run, raw, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    printed = run("data=folder", f"raw={raw}", f"store={tmp_path / 'store'}", "num_workers=0", "--check")
    assert "8 rows kept, 0 left out" in printed
    assert "nothing was written" in printed
    assert "image sizes" in printed
    assert sorted(tmp_path.rglob("*")) == before


def test_cfg_prints_the_configuration(run):
    printed = run("data=folder", "crop.margin=0.3", "--cfg")
    assert "margin: 0.3" in printed
    assert "_target_: fercli.preprocess.detect.automatic" in printed


def test_synthetic_faces_are_drawn_where_there_are_none(run, tmp_path):
    store = tmp_path / "stores" / "synthetic"
    run("data=synthetic", f"store={store}", "data.reader.num_faces=6", "data.reader.num_subjects=10", "num_workers=0")
    assert (tmp_path / "stores" / "raw-synthetic" / "labels.csv").is_file()
    assert len(Store(store)) >= 5


def test_synthetic_recordings_are_drawn_and_their_frames_kept(run, tmp_path):
    store = tmp_path / "depression"
    small = [f"data.reader.{option}" for option in ("num_subjects=5", "num_frames=15", "size=48")]
    printed = run("data=synthetic_depression", f"store={store}", *small, "num_workers=0")
    assert (tmp_path / "raw-synthetic_depression" / "Training" / "Freeform").is_dir()
    kept = Store(store)
    assert f"{len(kept)} rows kept, 0 left out" in printed
    assert kept.has_landmarks.all()
    assert kept.meta["options"]["min_frames"] == 10


def test_synthetic_scenes_keep_their_context(run, tmp_path):
    store = tmp_path / "context"
    small = ["data.reader.num_images=14", "data.reader.size=48"]
    run("data=synthetic_context", f"store={store}", *small, "context.width=40", "context.height=30", "num_workers=0")
    kept = Store(store)
    assert cv2.imdecode(np.frombuffer(kept.image(0, "context"), np.uint8), cv2.IMREAD_COLOR).shape == (30, 40, 3)
    assert kept.column("face_found").all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["data=folder", "store=s"], ConfigError, "add raw="),
        (["data=folder", "raw=r"], ConfigError, "no value for store"),
        (["raw=r", "store=s"], ConfigError, "data"),
        (["data=folder", "raw=nowhere", "store=s"], DataError, "expected raw data in nowhere"),
        (["data=foldr", "raw=r", "store=s"], ConfigError, "did you mean 'folder'"),
        (["data=folder", "detector=mtcn", "raw=r", "store=s"], ConfigError, "did you mean 'mtcnn'"),
        (["data=folder", "landmarks=dlip", "raw=.", "store=s"], ConfigError, "did you mean 'dlib'"),
        (["data=folder", "encoding=gif", "raw=.", "store=s"], ConfigError, "choices: jpeg, png"),
        (["data=folder", "crop.margin=-1", "raw=.", "store=s"], ConfigError, "margin"),
        (["data=folder", "shard_rows=0", "raw=.", "store=s"], ConfigError, "shard_rows"),
        (["data=folder", "no_face=centre", "raw=.", "store=s"], ConfigError, "did you mean 'center'"),
        (["data=folder", "min_frames=-1", "raw=.", "store=s"], ConfigError, "min_frames"),
        (["data=folder", "context.height=0", "raw=.", "store=s"], ConfigError, r"context\.height"),
        (["data=caer", "data.reader.sampling.frame_stride=0", "raw=.", "store=s"], ConfigError, "frame_stride"),
        (["data=folder", "num_workers=-1", "raw=.", "store=s"], ConfigError, "num_workers"),
        (["data=folder", "data.size=0", "raw=.", "store=s"], ConfigError, "size"),
    ],
)
def test_wrong_options_are_explained(run, tmp_path, monkeypatch, arguments, error, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        run(*arguments)
    assert list(tmp_path.iterdir()) == []
