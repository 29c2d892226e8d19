import atexit
import fcntl
import gc
import os
import signal
import sys
from functools import cache

import pytest
from hypothesis import settings
from typer.testing import CliRunner

from fercli.process import collect_garbage_less_often

pytest_plugins = ["tests.fixtures.order"]
FIXTURES = ("composed", "example_table", "plans", "searches", "untrained", "webm")

collect_garbage_less_often()  # as a command of fercli does

settings.register_profile("unhurried", deadline=None)  # a loaded machine is no failure
settings.load_profile("unhurried")


def pytest_configure(config):
    """Load the fixtures, but not in a process that hands all tests out to others: their imports take seconds."""
    hands_out = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    for name in () if hands_out else FIXTURES:
        config.pluginmanager.import_plugin(f"tests.fixtures.{name}")


def pytest_collection_finish():
    """Leave out of each search for garbage the million objects that the tests themselves are, until Python ends."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """For a name and a function that fills a folder: that folder, filled once for all processes of this session."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def filled(name, fill):
        folder, done = shared / f"once-{name}", shared / f"once-{name}.done"
        with open(shared / f"once-{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
            if not done.exists():
                folder.mkdir(exist_ok=True)
                fill(folder)
                done.touch()
        return folder

    return filled


@pytest.fixture(scope="session")
def prepare_once(once):
    """Prepare a store by `fercli preprocess`, once for all processes of this session; gives its folder."""
    from fercli.cli.app import app

    def prepare(name, *options):
        def fill(folder):
            arguments = ["preprocess", f"data={name}", f"store={folder / name}", "num_workers=0", *options]
            done = CliRunner().invoke(app, arguments, catch_exceptions=False)
            assert done.exit_code == 0, done.output

        return once(name, fill) / name

    return prepare


@pytest.fixture(scope="session")
def digits(once, prepare_once):
    """A store of 300 drawn training digits and 60 test digits: the quickest real thing to train on."""
    from tests.corpora.layouts import write_mnist

    raw = once("digits", lambda folder: write_mnist(folder / "raw", num_train=300, num_test=60)) / "raw"
    return prepare_once("mnist", f"raw={raw}")


@pytest.fixture(scope="session")
def faces(prepare_once):
    """A store of 300 drawn faces of 48 pixels that carry every label: votes, valence, arousal, age, landmarks."""
    reader = ["data.reader.num_faces=300", "data.reader.num_subjects=60", "data.reader.balance=balanced"]
    context = ["context.keep=true", "context.height=40", "context.width=48"]
    return prepare_once("synthetic", "detector=given", "data.size=48", *reader, "data.reader.size=96", *context)


@pytest.fixture(scope="session")
def predictor_file(once):
    """A small shape predictor of 68 landmarks, learned from 40 drawn faces by their five points and by their boxes."""
    dlib = pytest.importorskip("dlib", reason="dlib is an optional extra: pip install fercli[landmarks]")
    return once("predictor", lambda folder: _train_predictor(dlib, folder / "small.dat")) / "small.dat"


def _train_predictor(dlib, path):
    import numpy as np

    from fercli.datasets.synthetic.faces import faces
    from fercli.preprocess.align import similarity, transform
    from fercli.preprocess.crop import warp
    from fercli.preprocess.face import Face, five_points
    from fercli.preprocess.shape_predictor import SIZE, SQUARE, UPRIGHT, from_box

    drawings, shapes = [], []
    for face in faces(40, seed=1, size=96):
        for matrix in (similarity(five_points(face.landmarks), UPRIGHT), from_box(Face(face.box))):
            points = np.rint(transform(face.landmarks, matrix)).astype(int).tolist()
            drawings.append(warp(face.image, matrix, SIZE))
            shapes.append([dlib.full_object_detection(dlib.rectangle(*SQUARE), [dlib.point(*xy) for xy in points])])
    options = dlib.shape_predictor_training_options()
    options.cascade_depth, options.tree_depth, options.num_trees_per_cascade_level = 6, 3, 30
    options.oversampling_amount, options.feature_pool_size, options.nu, options.num_threads = 10, 200, 0.1, 1
    dlib.train_shape_predictor(drawings, shapes, options).save(str(path))


@pytest.fixture(scope="session")
def recordings(prepare_once):
    """A store of drawn talking heads of 32 pixels with scores, videos, sessions, landmarks and scenes."""
    reader = ["data.reader.num_subjects=12", "data.reader.num_frames=16", "data.reader.size=64"]
    return prepare_once("synthetic_depression", "data.size=32", *reader, "context.height=40", "context.width=48")


@pytest.fixture(scope="session")
def clips(prepare_once):
    """A store of 35 drawn clips of 8 frames of 32 pixels, with 7 expressions, scenes and the boxes of the faces."""
    reader = ["data.reader.num_clips=35", "data.reader.num_frames=8", "data.reader.size=64"]
    return prepare_once("synthetic_context_clips", "data.size=32", *reader, "context.height=40", "context.width=48")


@pytest.fixture(scope="session")
def digits_overrides(digits):
    """Overrides of a short training on the digits."""
    return [
        "data=mnist", "backbone=lenets", "augment.size=8", "augment.shift=2", "method=dda", "loss.dda.weight=1",
        "trainer.max_epochs=2", "trainer.batch_size=15", "trainer.accelerator=cpu", "optimizer.lr=0.001",
        "num_train_rows=90", "logger=none", f"store={digits}",
    ]  # fmt: skip


@pytest.fixture(scope="session")
def digits_config_at(digits_overrides):
    """For a folder: overrides to the configuration of a short training on the digits, with its runs in that folder."""
    from fercli.config import compose

    return lambda folder: lambda *overrides: compose("train", [*digits_overrides, f"runs={folder}/runs", *overrides])


@pytest.fixture
def digits_config(digits_config_at, tmp_path):
    """Overrides to the configuration of a short training on the digits, with its runs in the folder of the test."""
    return digits_config_at(tmp_path)


@pytest.fixture(scope="session")
def make_metric():
    """A metric of a function and what it reads; what it says of itself is of no matter, but for the options given."""
    from fercli.metrics.metric import Metric

    says = {"label": "made", "unit": "", "higher_is_better": True, "decimals": 3, "bounds": [None, None]}
    return lambda function, reads, **options: Metric(function=function, reads=reads, **{**says, **options})


@pytest.fixture
def write_fitted():
    """Write the evaluation of a classifier that was fitted to a run; `changes` as of `write_run`."""
    from fercli.runs.folder import RunFolder

    def write(folder, key="svm_0a1b2c", accuracy=0.7, fingerprint="f1", **changes):
        run = RunFolder(folder)
        content = run.read_metrics()
        evaluation = run.evaluation("ferplus", "test", fingerprint, key)
        evaluation.path.mkdir(parents=True)
        fitted = {"key": key, "about": "svm (radial kernel, exact) fitted to the features of 90 training samples"}
        scores = content["metrics"]["accuracy"] | {"value": accuracy, "low": accuracy, "high": accuracy}
        data = content["data"] | {"fingerprint": fingerprint}
        evaluation.finish(content | {"classifier": fitted, "metrics": {"accuracy": scores}, "data": data} | changes)
        return evaluation.path

    return write


@pytest.fixture
def write_run():
    """Write a finished run folder; `changes` replace top-level keys of its metrics.json."""
    return _write_run


def _write_run(runs, name="dda_x", seed=0, accuracy=0.8, **changes):
    from fercli.facts import packaged_facts
    from fercli.runs.folder import RunFolder

    folder = runs / name / f"seed{seed}"
    folder.mkdir(parents=True)
    content = {
        "run_id": name,
        "method": "dda",
        "data": {"name": "ferplus", "fingerprint": "f1", "classes": ["neutral", "happiness"]},
        "backbone": "resnet18",
        "seed": seed,
        "protocol": {
            "dataset": "FER+",
            "split": "validation",
            "classes": "2",
            "pretraining": "none",
            "selection": "holdout",
            "criterion": "accuracy",
            "size": 48,
            "budget": "full",
        },
        "metrics": {
            "accuracy": {"value": accuracy, "low": accuracy - 0.01, "high": min(1.0, accuracy + 0.01)}
            | packaged_facts()["accuracy"].document(),
            "ece": {"value": 0.1} | packaged_facts()["ece"].document(),
        },
        "num_rows": 100,
        "commit": None,
    } | changes
    RunFolder(folder).finish(content)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _ask_once_for_a_gpu():
    """Remember whether a GPU is here: without one, each step of an optimizer looks for its driver on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        if torch := sys.modules.get("torch"):  # loaded by tests that need it
            patch.setattr(torch.cuda, "is_available", cache(torch.cuda.is_available))
        yield


@pytest.fixture(scope="session", autouse=True)
def resolution():
    """Draw figures with all that is in them, but with few pixels, which take half of the time; give the real DPI."""
    from fercli.figures import figure
    from fercli.pages import svg

    real = figure.DPI
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figure, "DPI", 40)
        patch.setattr(svg, "DPI", 40)  # of photographs in the drawings of a page
        yield real


@pytest.fixture(scope="session", autouse=True)
def _nobody_waits_for_the_disk():
    """The machine of a test keeps its power, so what is written need not have reached the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda handle: None)
        yield


@pytest.fixture(autouse=True)
def _signals_are_given_back():
    """A handler that stays after a test would reach the processes of later ones, which then do not end."""
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)]
    yield
    after = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)]
    assert after == before


@pytest.fixture
def few_figures(monkeypatch):
    """Leave most figures out of pages: all of them take seconds, and have tests of their own."""
    from fercli.figures.run import SECTIONS

    for title in SECTIONS.keys() - {"Training", "Calibration"}:
        monkeypatch.setitem(SECTIONS, title, ())
