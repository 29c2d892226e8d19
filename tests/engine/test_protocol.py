"""The words for what a run measures, from its configuration and a store."""

from types import SimpleNamespace

import numpy as np
import pytest

from fercli.config import compose
from fercli.engine.protocol import measured_protocol
from fercli.protocol import Protocol

FRAMED = {"_target_": "fercli.preprocess.detect.automatic", "cropped": True, "given": False}
FOUND = FRAMED | {"cropped": False, "min_confidence": 0.9}
GIVEN = FRAMED | {"cropped": False, "given": True}
CROP = {"align": "five_point", "margin": 0.1, "eye_distance": 0.35, "eye_height": 0.4}


def store(
    detector=FRAMED,
    crop=CROP,
    protocol=None,
    splits=("train", "test"),
    has_landmarks=(True, True),
    image=None,
    **options,
):
    """As much of a store as says its protocol."""
    options = {"detector": detector, "crop": crop, "no_face": "leave_out"} | options
    options["context"] = {"keep": True, "height": 128, "width": 171}
    meta = {"options": options, "protocol": {"dataset": "RAF-DB", "split_rule": "official"} | (protocol or {})}
    meta["image"] = image or {"size": 100, "channels": 3}
    landmarks = np.array(has_landmarks)
    rows = {split: np.arange(len(landmarks)) for split in splits}
    return SimpleNamespace(
        meta=meta,
        name="rafdb",
        classes=("0", "1"),
        splits=splits,
        has_landmarks=landmarks,
        rows=rows.__getitem__,
        score=None,
    )


def protocol(*overrides, split="test", reads=frozenset(), **of_store):
    cfg = compose("train", ["data=rafdb", *overrides])
    return measured_protocol(cfg, store(**of_store), split, "holdout", reads)


def test_the_facts_of_the_data_come_from_the_store():
    found = protocol(protocol={"version": "2021", "labels": "manual"})
    assert (found.dataset, found.version, found.split_rule, found.labels) == ("RAF-DB", "2021", "official", "manual")
    assert (found.split, found.classes, found.aggregation, found.repeats) == ("test", "2", "single", "1")


def test_the_validation_split_is_called_as_in_print():
    assert protocol(splits=("train", "val"), split="val").split == "validation"


def test_a_data_set_may_call_its_splits_and_classes_otherwise():
    found = protocol(protocol={"splits": {"test": "classes that were not trained"}, "classes": ""})
    assert (found.split, found.classes) == ("classes that were not trained", "")


def test_of_a_store_that_was_written_before_what_it_does_not_say_is_not_said():
    old = store()
    old.meta = {}
    found = measured_protocol(compose("train", ["data=rafdb"]), old, "test", "last", frozenset())
    known = {"split": "test", "classes": "2", "pretraining": "none", "selection": "last", "criterion": "accuracy"}
    assert found == Protocol("rafdb", **known, aggregation="single", repeats="1")


CROPS = [
    (["experiment=dda_dacl/rafdb"], {"protocol": {"crop": "aligned images"}}, "aligned images, 90 x 90 of 100 x 100"),
    (["experiment=dda_dacl/rafdb_msceleb"], {}, "whole images, 224 x 224 of 256 x 256"),
    (["experiment=crossmodal_gcn/cub"], {}, "whole images, 227 x 227"),
    (
        ["augment=none", "augment.size=64"],
        {"detector": GIVEN},
        "given faces, aligned by five points, margin 0.1, 64 x 64",
    ),
    (
        ["augment=none", "augment.size=64"],
        {"detector": FOUND | {"every": 1}},
        "MTCNN, confidence of at least 0.9, aligned by five points, margin 0.1, 64 x 64",
    ),
    (
        ["augment=none", "augment.size=64"],
        {"detector": FOUND | {"every": 5}},
        "MTCNN, confidence of at least 0.9, every 5 frames and followed in between, aligned by five points, "
        "margin 0.1, 64 x 64",
    ),
    (
        ["augment=none", "augment.size=64"],
        {"detector": FOUND | {"min_confidence": 0}, "crop": CROP | {"align": "none"}, "no_face": "center"},
        "MTCNN, margin 0.1, the middle where no face is found, 64 x 64",
    ),
    (
        ["augment.size=227"],
        {"detector": GIVEN, "crop": CROP | {"align": "eyes"}},
        "aligned by the eyes, 227 x 227",
    ),
    (
        ["augment.size=227"],
        {"detector": GIVEN, "crop": CROP | {"align": "eyes", "eye_distance": 0.3}},
        "aligned by the eyes, eye distance 0.3, 227 x 227",
    ),
    (
        ["experiment=crossmodal_gcn/caer_s", "augment.size=112"],
        {"detector": FOUND | {"min_confidence": 0}},
        "MTCNN, aligned by five points, margin 0.1, face 112 x 112, scene 112 x 112 of 128 x 171",
    ),
]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ({"size": 100, "channels": 1}, "whole images, gray, 90 x 90 of 100 x 100"),
        ({"size": 50, "channels": 3}, "whole images, 90 x 90 of 100 x 100, enlarged from 50 x 50"),
        ({"size": 120, "channels": 3}, "whole images, 90 x 90 of 100 x 100"),
    ],
)
def test_the_crop_says_that_images_are_gray_or_smaller_than_usual(image, words):
    assert protocol("experiment=dda_dacl/rafdb", image=image).crop == words


def test_a_scene_in_which_the_face_is_black_says_so():
    found = protocol("experiment=crossmodal_gcn/caer_s", "inputs.hide_face=true", "augment.size=112")
    assert found.crop == "whole images, face 112 x 112, scene without the face 112 x 112 of 128 x 171"


@pytest.mark.parametrize(("overrides", "of_store", "words"), CROPS)
def test_the_crop_says_detector_alignment_margin_and_size(overrides, of_store, words):
    assert protocol(*overrides, **of_store).crop == words


@pytest.mark.parametrize(
    ("overrides", "of_store", "words"),
    [
        ([], {}, "none"),
        ([], {"detector": FOUND}, "MTCNN, 5 points"),
        ([], {"detector": FOUND, "crop": CROP | {"align": "none"}}, "none"),
        ([], {"detector": GIVEN}, "given, 68 points"),
        ([], {"detector": FOUND, "landmarks": {"model": "x.dat"}}, "dlib, 68 points"),
        (["method=dlga_cnn"], {"detector": FOUND, "landmarks": {"model": "x.dat"}}, "dlib, 68 points"),
        (["method=dlga_cnn"], {"detector": FOUND, "has_landmarks": (False, False)}, "generic"),
        (
            ["method=dlga_cnn"],
            {"detector": FOUND, "landmarks": {"model": "x.dat"}, "has_landmarks": (True, False)},
            "dlib, 68 points; generic for 1",
        ),
        ([], {"reads": {"mask_logits", "mask"}}, "given, 68 points"),
        ([], {"reads": {"feature", "landmarks"}}, "given, 68 points"),
    ],
)
def test_landmarks_are_those_of_the_patches_or_else_of_the_alignment(overrides, of_store, words):
    assert protocol(*overrides, **of_store).landmarks == words


@pytest.mark.parametrize(("selection", "criterion"), [("best", "accuracy"), ("paper", "accuracy"), ("last", "")])
def test_the_criterion_is_the_metric_that_chose_the_epoch(selection, criterion):
    assert protocol(f"selection={selection}").criterion == criterion
