from dataclasses import replace

import numpy as np

from fercli.datasets.splits import Split
from fercli.figures import affect, samples
from fercli.figures.samples import NUM_OF_CLASS
from fercli.figures.shown import trained_on
from tests.figures.grids import rows_of

LENETS = ["method=softmax", "backbone=lenets", "augment.size=28"]


def drawn(evaluated):
    return {
        name: (caption, figure) for name, caption, figure, _ in (*samples.of_run(evaluated), *affect.of_run(evaluated))
    }


def test_each_class_has_its_images_of_training_after_augmentation_and_their_number(untrained):
    evaluated = untrained("synthetic", *LENETS, "augment=none")
    data, names = evaluated.data, evaluated.data.store.classes
    labels = data.store.labels[data.split.train]
    _, figure = drawn(evaluated)["training_samples"]
    rows = dict(rows_of(figure))
    assert list(rows) == [f"{name}: {(labels == i).sum():,}" for i, name in enumerate(names)]
    for index, images in enumerate(rows.values()):
        places = np.flatnonzero(labels == index)
        members = {image.tobytes() for image in trained_on(evaluated, places).images}
        assert len(images) == min(NUM_OF_CLASS, len(places))
        assert {image.tobytes() for image in images} <= members
        assert all(image.shape == (28, 28, 3) for image in images)


def test_the_images_are_augmented_at_random(untrained):
    evaluated = untrained("synthetic", *LENETS, "augment=six")
    places = np.arange(12)
    first, again, other = (trained_on(evaluated, places, seed).images for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert sum(not np.array_equal(*pair) for pair in zip(first, other, strict=True)) >= 10
    assert not evaluated.method.augment.training


def test_the_plane_has_each_training_sample_of_known_class_and_affect(untrained):
    evaluated = untrained("synthetic", *LENETS)
    store, train = evaluated.data.store, evaluated.data.split.train
    _, figure = drawn(evaluated)["training_affect"]
    places = np.asarray(figure.axes[0].collections[0].get_offsets())
    expected = np.stack([store.column(name)[train] for name in ("valence", "arousal")], axis=1).astype(float)
    assert sorted(map(tuple, places.round(6))) == sorted(map(tuple, expected.round(6)))


def test_nothing_is_drawn_where_the_training_split_is_not_at_hand(untrained):
    evaluated = untrained("synthetic", *LENETS)
    rows = evaluated.data.split.evaluation
    evaluated.data.split = Split(rows[:0], rows[:0], rows, "test")
    assert not {"training_samples", "training_affect"} & set(drawn(replace(evaluated)))
