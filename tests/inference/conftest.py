import cv2
import numpy as np
import pytest

from fercli.config import compose
from fercli.datasets.synthetic.subject import make_subject
from fercli.datasets.synthetic.video import render_video
from fercli.engine.training import train
from fercli.inference.model import Model
from fercli.preprocess.face import Face

NUM_FRAMES, RATE = 24, 12.0


class FixedDetector:
    """Finds a small and a large face in each bright picture, none in a dark one."""

    batch_size = 4

    def detect(self, images):
        return [[Face((2.0, 2.0, 20.0, 20.0)), Face((30.0, 20.0, 90.0, 80.0))] if im.any() else [] for im in images]


@pytest.fixture(scope="session")
def detector():
    return FixedDetector()


@pytest.fixture(scope="session")
def trained(faces, tmp_path_factory):
    """For overrides: the run folder of a short training on drawn faces, each trained once."""
    runs, done = tmp_path_factory.mktemp("runs"), {}

    def run(*overrides):
        if overrides not in done:
            shared = ["data=synthetic", f"store={faces}", f"runs={runs}", "backbone=lenets", "augment.size=16"]
            shared += ["trainer.max_epochs=1", "trainer.accelerator=cpu", "logger=none", "num_train_rows=64"]
            done[overrides] = train(compose("train", [*shared, "selection=last", *overrides]), [])
        return done[overrides]

    return run


@pytest.fixture(scope="session")
def talking(tmp_path_factory):
    """A video of a drawn person, 24 frames of 160 pixels, 12 a second."""
    path = tmp_path_factory.mktemp("videos") / "talk.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE, (160, 160))
    for frame in render_video(make_subject(0, 3), 10.0, NUM_FRAMES, RATE):
        writer.write(np.ascontiguousarray(frame.image[..., ::-1]))
    writer.release()
    return path


@pytest.fixture(scope="module")
def model(trained):
    return Model.of(trained("method=softmax"))
