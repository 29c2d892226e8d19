"""Samples of each class, and what the augmentation makes of some."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import conf
from fercli.config import compose, instantiate
from fercli.figures import augmentation, samples
from fercli.figures.augmentation import NUM_DRAWS, NUM_SAMPLES
from fercli.figures.classified import NUM_LARGEST
from fercli.figures.figure import MOST_CLASSES
from fercli.figures.shown import seen, stored_images
from tests.figures.grids import headers_of, rows_of

AUGMENTS = sorted(path.stem for path in (Path(conf.__file__).parent / "augment").glob("*.yaml"))
LENETS = ["method=softmax", "backbone=lenets", "augment.size=16"]
SCENE = ["method=cmgcn_emotion", "augment=pad_crop", "augment.size=32"]
CLIPS = ["method=clip_regression", "backbone.width=2", "backbone.dim=8", "augment.size=32", "sampler.num_samples=1"]
CLIPS += ["trainer.batch_size=4"]


def drawn(evaluated, *modules):
    """Name to caption and figure, of all figures of these modules."""
    return {name: (caption, figure) for module in modules for name, caption, figure, _ in module.of_run(evaluated)}


def with_labels(evaluated, labels, classes):
    columns = evaluated.evaluation.columns | {"expression": labels}
    return replace(evaluated, evaluation=replace(evaluated.evaluation, columns=columns, classes=classes))


@pytest.fixture
def evaluated(untrained):
    return untrained("synthetic", *LENETS)


def test_each_row_has_samples_of_its_class_alone(evaluated):
    labels, names = evaluated.evaluation.columns["expression"], evaluated.evaluation.classes
    caption, figure = drawn(evaluated, samples)["class_samples"]
    assert caption == "Samples of each class, drawn at random"
    rows = rows_of(figure)
    assert [name for name, _ in rows] == list(names)
    for index, (_, images) in enumerate(rows):
        members = {image.tobytes() for image in stored_images(evaluated, np.flatnonzero(labels == index))}
        assert len(images) == min(8, len(members))
        assert {image.tobytes() for image in images} <= members


def test_a_class_without_samples_is_counted_and_has_no_row(evaluated):
    labels = np.full(len(evaluated.evaluation.columns["id"]), -1)
    labels[:5] = [1, 1, 3, 3, 3]
    caption, figure = drawn(with_labels(evaluated, labels, ("a", "b", "c", "d")), samples)["class_samples"]
    assert caption.endswith("; 2 of 4 classes have none")
    assert [(name, len(images)) for name, images in rows_of(figure)] == [("b", 2), ("d", 3)]


def test_of_many_classes_the_largest_are_shown(evaluated):
    num_rows = len(evaluated.evaluation.columns["id"])
    labels = np.concatenate([np.arange(MOST_CLASSES + 1), np.arange(5, 5 + NUM_LARGEST)])
    labels = np.concatenate([labels, np.full(num_rows - len(labels), -1)])
    names = tuple(f"class {i}" for i in range(MOST_CLASSES + 1))
    caption, figure = drawn(with_labels(evaluated, labels, names), samples)["class_samples"]
    assert caption.endswith(f"; the {NUM_LARGEST} classes with most samples")
    assert [(name, len(images)) for name, images in rows_of(figure)] == [
        (f"class {i}", 2) for i in range(5, 5 + NUM_LARGEST)
    ]


def test_without_labels_there_is_the_augmentation_alone(evaluated):
    labels = np.full(len(evaluated.evaluation.columns["id"]), -1)
    figures = drawn(with_labels(evaluated, labels, evaluated.evaluation.classes), samples, augmentation)
    assert set(figures) - {"training_samples"} == {"augmentation", "augmentation_alone"}


@pytest.mark.parametrize("augment", AUGMENTS)
def test_every_augmentation_is_shown_beside_the_stored_image(evaluated, augment):
    small = ["augment.size=28", *["augment.resize=32"] * (augment == "ten_crop")]
    cfg = compose("train", [*LENETS, "data=synthetic", f"augment={augment}", *small])
    evaluated.method.augment = instantiate(cfg.augment).eval()
    caption, figure = drawn(evaluated, augmentation)["augmentation"]
    rows = [images for _, images in rows_of(figure)]
    stored = {image.tobytes(): i for i, image in enumerate(stored_images(evaluated, np.arange(60)))}
    chosen = np.array([stored[images[0].tobytes()] for images in rows])
    assert len(set(chosen)) == NUM_SAMPLES
    for images, expected in zip(rows, seen(evaluated, chosen).images, strict=True):
        np.testing.assert_array_equal(images[1], expected)
        assert all(image.shape == (28, 28, 3) for image in images[1:])
    if augment == "none":
        assert headers_of(figure) == ["stored", "network"]
        assert caption.endswith("nothing is random in training")
        assert {len(images) for images in rows} == {2}
    else:
        assert headers_of(figure) == ["stored", "evaluation", *(f"training {i + 1}" for i in range(NUM_DRAWS))]
        for images in rows:
            assert len({image.tobytes() for image in images[2:]}) > 1


@pytest.mark.parametrize(("variant", "names"), [("both", ["face", "scene"]), ("face", [""]), ("context", ["scene"])])
def test_what_a_network_looks_at_is_shown(untrained, variant, names):
    evaluated = untrained("synthetic", *SCENE, f"method.fusion.variant={variant}")
    _, figure = drawn(evaluated, augmentation)["augmentation"]
    rows = rows_of(figure)
    assert [name for name, _ in rows] == names * NUM_SAMPLES
    assert rows[-1][1][0].shape == ((48, 48, 3) if variant == "face" else (40, 48, 3))
    assert all(image.shape == (32, 32, 3) for _, images in rows for image in images[1:])


def test_of_a_clip_the_middle_frame_is_shown(untrained):
    evaluated = untrained("synthetic_depression", *CLIPS)
    figures = drawn(evaluated, samples, augmentation)
    assert set(figures) == {"augmentation", *["augmentation_alone"] * bool(evaluated.method.augment.changes)}
    caption, figure = figures["augmentation"]
    assert caption.endswith("; the frame in the middle of each clip")
    clips = evaluated.data.samples(evaluated.data.split.evaluation)
    middle = evaluated.data.samples_dataloader(clips[:, clips.shape[1] // 2]).dataset
    frames = {middle.image(i).permute(1, 2, 0).numpy().tobytes() for i in range(len(clips))}
    assert all(images[0].tobytes() in frames for _, images in rows_of(figure))


@pytest.mark.parametrize("augment", AUGMENTS)
def test_each_change_of_the_augmentation_is_drawn_alone(evaluated, augment):
    small = ["augment.size=28", *["augment.resize=32"] * (augment == "ten_crop")]
    cfg = compose("train", [*LENETS, "data=synthetic", f"augment={augment}", *small])
    evaluated.method.augment = instantiate(cfg.augment).eval()
    figures = drawn(evaluated, augmentation)
    if augment == "none":
        assert "augmentation_alone" not in figures
        return
    _, figure = figures["augmentation_alone"]
    rows = dict(rows_of(figure))
    assert tuple(rows) == evaluated.method.augment.changes
    assert headers_of(figure) == ["evaluation", *(f"training {i + 1}" for i in range(NUM_DRAWS))]
    assert len({images[0].tobytes() for images in rows.values()}) == 1  # one sample in all rows
    for plain, *draws in rows.values():
        assert len(draws) == NUM_DRAWS
        assert any(not np.array_equal(image, plain) for image in draws)
    plain, *draws = rows.get("flip", [None])
    assert all(any(np.array_equal(image, one) for one in (plain, plain[:, ::-1])) for image in draws)
    assert evaluated.method.augment.only is None
