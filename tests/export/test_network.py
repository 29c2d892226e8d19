"""Every method, also one that is added tomorrow, becomes a graph that predicts what the method does."""

import numpy as np
import pytest
import torch

from fercli.catalog import choices
from fercli.errors import ConfigError
from fercli.export.network import example, input_shapes, run_program, traced
from fercli.export.onnx_file import onnx_content
from fercli.inference.onnx_model import OnnxNetwork
from fercli.yaml_options import read
from tests.small_networks import of_method


def parts(name):
    """What makes the network of a method, from its yaml: methods that differ in nothing of this have one network."""
    choice = read("method", name)
    (parent,) = [taken.rpartition("/")[2] for taken in choice.takes if "=" not in taken] or [None]
    own = dict(taken.split("=", 1) for taken in choice.takes if taken.startswith(("head=", "backbone=")))
    own |= {option.key: option.default for option in choice.options if option.key == "method.stream"}
    return (parts(parent) if parent else {}) | ({"builds": choice.builds} if choice.builds else {}) | own


NETWORKS = list({str(parts(name)): name for name in reversed(choices("method"))}.values())
AS_ONNX = ("clip_regression", "whole_image")  # of clips and of scenes; test_folder.py has one of faces


def said(model, inputs):
    return model.network(*(inputs.get(name) for name in ("image", "context", "landmarks")))


def require_equal(found, expected, **tolerance):
    assert list(found) == list(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, **tolerance)


@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "retrieval"])
def test_every_network_becomes_a_graph_for_batches_of_any_size(small_model, name):
    model = of_method(small_model, name)
    program = traced(model)
    assert all("stack_trace" not in node.meta for node in program.graph.nodes)
    inputs = example(model, num_rows=3)  # it was traced with two
    if "landmarks" in inputs:
        inputs["landmarks"][1] = np.nan
    expected = said(model, inputs)
    assert expected
    require_equal(run_program(program, inputs), expected, rtol=1e-5, atol=1e-5)
    if name in AS_ONNX:
        content = onnx_content(program, list(inputs), list(expected), {"fercli": "0"})
        network = OnnxNetwork(content)
        for rows in (slice(3), slice(1)):
            found = network(*(inputs[key][rows] if key in inputs else None for key in ("image", "context")))
            require_equal(found, {key: value[rows] for key, value in expected.items()}, rtol=1e-5, atol=1e-5)


def test_there_are_networks_of_every_input():
    assert {*AS_ONNX} <= {*NETWORKS}
    assert {"retrieval", "dlga_cnn", "emotion_gcn"} & {*NETWORKS}


def test_the_inputs_of_a_network_are_those_that_its_method_reads(small_model):
    assert input_shapes(small_model("method=softmax")) == {"image": [3, 48, 48]}
    assert input_shapes(of_method(small_model, "caer_net")) == {"image": [8, 3, 32, 32], "context": [8, 3, 40, 48]}
    assert list(input_shapes(of_method(small_model, "ga_cnn"))) == ["image", "landmarks"]


def test_a_method_that_no_graph_can_hold_is_refused_with_the_reason(small_model, monkeypatch):
    model = small_model("method=softmax")
    forward = model.network.method.forward
    monkeypatch.setattr(
        model.network.method, "forward", lambda batch: forward(batch) if batch.image.sum().item() > -1e9 else None
    )
    with pytest.raises(ConfigError, match=r"the network of small cannot be written as a graph: \w+"):
        traced(model)
    assert torch.is_grad_enabled()
