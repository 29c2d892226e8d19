import json
from dataclasses import replace

import pytest

from fercli.datasets.video import FrameSampling
from fercli.errors import ConfigError, DataError
from fercli.inference.description import FORMAT, describe, described
from fercli.inference.held_out import HeldOut
from fercli.inference.model import Model
from fercli.preprocess.context import Context
from fercli.preprocess.crop import Crop
from fercli.scales import Scale
from tests.hostile import ACTS

FULL = Model(
    name="cmgcn_x",
    network=None,
    classes=("neutral", "very happy"),
    crop=Crop(64, align="eyes", margin=0.25, eye_distance=0.3, eye_height=0.5),
    channels=1,
    gray=True,
    context=Context(True, 40, 48),
    hide_face=True,
    clip=(16, 8),
    cuts_patches=True,
    sampling=FrameSampling(frames_per_second=6.0, max_frames_per_video=90),
    predicts_middle=True,
    scale=Scale("GAD-7", 21, bands={"minimal": 0, "mild": 5}, cutoff=10),
    accuracy=0.75,
    held_out={"predicted": HeldOut("accuracy", "accuracy", "%", 2, 0.75, 0.7, None, "FER+, test", 3137, True)},
)


@pytest.mark.parametrize("model", [FULL, Model(name="softmax_x", network=None, classes=(), crop=Crop(48))])
def test_a_model_is_the_same_after_its_facts_went_through_json(model):
    assert described(json.loads(json.dumps(describe(model))), None) == model


def test_the_shape_predictor_is_named_by_its_sum_and_its_file_is_asked_for(predictor_file, tmp_path):
    from fercli.preprocess.shape_predictor import ShapePredictor

    sha256 = ShapePredictor(predictor_file).facts["sha256"]
    facts = describe(replace(FULL, predictor=sha256))
    assert str(predictor_file) not in json.dumps(facts)
    assert described(facts, None, predictor_file).landmarks.facts["sha256"] == sha256
    with pytest.raises(ConfigError, match=f"shape predictor of sha256 {sha256[:12]}; give its path with --landmarks"):
        described(facts, None)
    with pytest.raises(ConfigError, match="Give the right one with --landmarks"):
        described(facts | {"landmarks": {"sha256": "0" * 64}}, None, predictor_file)


ERROR = FULL.held_out["predicted"].document()
WRONG_ERRORS = [{"label": f"x{ACTS}"}, {"value": float("inf")}, {"value": None}, {"decimals": 10**9}, {"num_rows": -1}]
WRONG_ERRORS += [{"is_held_out": "yes"}, {"metric": 1}, {"path": "/etc/passwd"}]
LACKING = [{name: value for name, value in describe(FULL).items() if name != lost} for lost in describe(FULL)]
REQUIRED = [facts for facts in LACKING if {"classes", "format", "crop", "run"} - {*facts}]


@pytest.mark.parametrize("facts", [{}, *REQUIRED])
def test_a_missing_fact_is_an_error(facts):
    with pytest.raises(DataError, match="expected"):
        described(facts, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": FORMAT + 1},
        {"format": True},
        {"run": f"x{ACTS}"},
        {"run": "x" * 300},
        {"classes": ["a", "a"]},
        {"classes": ["a", 1]},
        {"classes": ["a", f"b{ACTS}"]},
        {"classes": {"a": 1}},
        {"classes": [str(i) for i in range(5000)]},
        {"color_order": "BGR"},
        {"without_color": 1},
        {"crop": None},
        {"crop": {"size": 10**9}},
        {"crop": {"size": 48, "margin": "x"}},
        {"crop": {"size": 48, "path": "/etc/passwd"}},
        {"no_face": "guess"},
        {"context": {"height": 10**9, "width": 4}},
        {"context": [4, 4]},
        {"clip": {"length": 0, "stride": 1}},
        {"clip": {"length": 10**9, "stride": 1}},
        {"sampling": {"frame_stride": -1}},
        {"sampling": {"frames_per_second": float("nan")}},
        {"landmarks": {"sha256": "../x"}},
        {"landmarks": "/home/x/predictor.dat"},
        {"cuts_patches": "yes"},
        {"held_out": None},
        {"held_out": {"expression": ERROR}},
        *({"held_out": {"predicted": ERROR | changed}} for changed in WRONG_ERRORS),
        {"scale": None},
        {"scale": {"name": "x", "high": float("inf")}},
        {"scale": {"name": f"x{ACTS}", "high": 9}},
        {"scale": {"name": "x", "high": 9, "bands": {f"b{ACTS}": 0}}},
        {"scale": {"name": "x", "high": 9, "bands": [0]}},
        {"scale": {"name": "x", "high": 9, "path": "/etc/passwd"}},
        {"run_accuracy": 7},
        {"run_accuracy": float("nan")},
    ],
    ids=str,
)
def test_a_fact_that_is_not_what_it_must_be_is_refused(wrong):
    with pytest.raises((DataError, ConfigError), match=r"expected|reads") as error:
        described(describe(FULL) | wrong, None)
    assert str(error.value).isprintable()
