"""A file that fercli export wrote is untrusted: what is not one, or does more than predict, is refused."""

import json
from contextlib import suppress

import numpy as np
import pytest

from fercli.errors import ConfigError, DataError
from fercli.inference import onnx_model
from fercli.inference.description import describe
from fercli.inference.model import Model
from fercli.inference.onnx_model import open_model
from fercli.preprocess.crop import Crop

onnx = pytest.importorskip("onnx", reason="an optional extra: pip install fercli[export]")
pytest.importorskip("onnxruntime", reason="an optional extra: pip install fercli[export]")
helper = onnx.helper

SIDE, CLASSES = 4, ("neutral", "happiness")
FACTS = describe(Model(name="softmax_x", network=None, classes=CLASSES, crop=Crop(SIDE)))


def small_file(facts=FACTS, weight=1.0, width=3 * SIDE * SIDE):
    """A network as small as can be: a linear classifier of all pixels, followed by softmax."""
    weights = np.full((width, len(CLASSES)), weight, np.float32)
    weights[:, 1] *= 2
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Flatten", ["pixels"], ["rows"]),
        helper.make_node("MatMul", ["rows", "weights"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    image = helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, ["rows", 3, SIDE, SIDE])
    output = helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, ["rows", len(CLASSES)])
    graph = helper.make_graph(nodes, "g", [image], [output], [onnx.numpy_helper.from_array(weights, "weights")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, {key: json.dumps(value) for key, value in facts.items()})
    return model


@pytest.fixture
def written(tmp_path):
    def write(model):
        path = tmp_path / "model.onnx"
        path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
        return path

    return write


def test_a_sound_file_predicts(written):
    model = open_model(written(small_file(weight=0.01)))
    crops = np.zeros((2, SIDE, SIDE, 3), np.uint8)
    crops[1, 0, 0] = 10
    said = model.predict_crops(crops)
    expected = 1 / (1 + np.exp(-0.01 * 30))
    assert [output["predicted"] for output in said] == ["neutral", "happiness"]
    np.testing.assert_allclose([output["prob_happiness"] for output in said], [0.5, expected], rtol=1e-6)


def external(model):
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    weights.external_data.add(key="location", value="../../etc/passwd")


def external_in_attribute(model):
    tensor = onnx.TensorProto(name="secret", data_type=1, dims=[1], data_location=onnx.TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="secret.bin")
    model.graph.node.append(helper.make_node("Constant", [], ["x"], value=tensor))


def other_domain(model):
    model.graph.node[0].domain = "com.microsoft"


def imported_domain(model):
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def loop(model):
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["n"], ["x"], body=body))


def branch_of_a_known_operator(model):
    model.graph.node[0].attribute.append(helper.make_attribute("body", helper.make_graph([], "body", [], [])))


def function(model):
    model.functions.append(helper.make_function("x", "f", [], [], [], []))


def much_metadata(model):
    model.metadata_props.add(key="more", value="x" * (onnx_model.MOST_FACTS + 1))


def no_json(model):
    model.metadata_props[0].value = "{"


def deep_json(model):
    model.metadata_props[0].value = "[" * 100_000


def another_output(model):
    model.graph.output[0].name = model.graph.node[-1].output[0] = "secrets"


def more_classes(model):
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 3


def another_size(model):
    for side in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        side.dim_value = 5
    model.graph.initializer[0].CopyFrom(small_file(width=75).graph.initializer[0])


def another_type(model):
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT


def bomb(model):
    """40 bytes that become 40 gigabytes."""
    shape = onnx.numpy_helper.from_array(np.array([10**5, 10**5]), "shape")
    model.graph.initializer.append(shape)
    model.graph.node.append(helper.make_node("ConstantOfShape", ["shape"], ["huge"]))


def lost_input(model):
    model.graph.node[1].input[0] = "gone"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (external, "'weights' refers to another file"),
        (external_in_attribute, "'secret' refers to another file"),
        (other_domain, "found Cast"),
        (imported_domain, "found some of com.microsoft"),
        (loop, "found Loop"),
        (branch_of_a_known_operator, "found Cast"),
        (function, "found functions"),
        (much_metadata, "characters of metadata"),
        (no_json, "is damaged: expected an ONNX file of fercli export, found JSONDecodeError"),
        (deep_json, "is damaged: .* nested too deep"),
        (another_output, "describes no output 'secrets'"),
        (more_classes, "describes no output 'probabilities'|expected one row|is damaged"),
        (another_size, "describes no input 'image' of .*uint8.* and 3x5x5 a face"),
        (another_type, "describes no input 'image' of .*float"),
        (bomb, "'huge' has 10,000,000,000"),
        (lost_input, "is damaged: expected an ONNX file"),
    ],
)
def test_a_file_that_does_more_or_less_than_predict_is_refused(written, change, reason):
    model = small_file()
    change(model)
    path = written(model)
    with pytest.raises(DataError, match=reason) as error:
        open_model(path)
    assert str(path) in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("content", [b"", b"no onnx", b"\x08\x0a", small_file({}).SerializeToString()])
def test_what_is_no_file_of_fercli_export_is_refused(written, content):
    with pytest.raises(DataError, match=r"model\.onnx"):
        open_model(written(content))


def test_every_cut_is_an_error_and_a_flipped_bit_is_an_error_or_a_model(written):
    """Never another exception, whatever happened to a file on its way. Most flipped bits are found."""
    content = small_file().SerializeToString()
    random, passed = np.random.default_rng(0), []
    for place in random.integers(0, len(content), 60):
        flipped = bytearray(content)
        flipped[place] ^= 1 << int(random.integers(8))
        with pytest.raises((DataError, ConfigError)):
            open_model(written(content[:place]))
        with suppress(DataError, ConfigError):
            passed.append(open_model(written(bytes(flipped))).name)
    assert len(passed) < 30


def test_damaged_weights_are_found(written):
    with pytest.raises(DataError, match="a weight is damaged"):
        open_model(written(small_file(weight=np.nan)))


def test_a_file_that_is_missing_or_too_large_is_refused(written, tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"gone\.onnx, found none; fercli export writes one"):
        open_model(tmp_path / "gone.onnx")
    monkeypatch.setattr(onnx_model, "MOST_BYTES", 100)
    with pytest.raises(DataError, match="bytes; expected at most 100"):
        open_model(written(small_file()))


def test_without_the_extra_the_message_says_what_to_install(monkeypatch, written):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"needs onnx, which is not installed; pip install fercli\[export\]"):
        open_model(written(b""))
