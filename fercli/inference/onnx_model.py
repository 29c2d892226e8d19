"""Predict with a file that `fercli export` wrote, through ONNX Runtime. The file may come from anybody."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from fercli.errors import ConfigError, DataError, printable, reading
from fercli.inference.description import described
from fercli.inference.model import Model
from fercli.inference.network import AFFECT, PROBABILITIES, SCORE
from fercli.preprocess.shape_predictor import NUM_LANDMARKS

if TYPE_CHECKING:
    import onnx

MOST_BYTES = 2**31 - 1  # the format holds no more in one file
MOST_FACTS = 1 << 20  # characters of metadata
MOST_VALUES = 2**28  # of one tensor inside the network, for one face: 1 GiB
DOMAINS = ("", "ai.onnx")  # operators of the standard; another domain may read files or run code of its own
ENDLESS = ("If", "Loop", "Scan", "SequenceMap")  # run other graphs, some as often as they like
TYPES = {"image": "tensor(uint8)", "context": "tensor(uint8)", "landmarks": "tensor(float)"}
MISSING = "needs {}, which is not installed; pip install fercli[export]"
REMEDY = "export the run again"


def open_model(path: Path, landmarks: Path | None = None) -> Model:
    """Return the model in an ONNX file.

    Args:
        landmarks: file of dlib's shape predictor, for a model whose faces are cut out with one.

    Raises:
        DataError: the file is missing, damaged, too large, or not one that `fercli export` writes: it refers to other
            files, runs operators outside the standard, or describes something else than it holds.
        ConfigError: onnx or onnxruntime is not installed; the shape predictor is not given, or is another one.
    """
    content = _read(path)
    try:
        with reading(path, "an ONNX file of fercli export", remedy=REMEDY):
            facts = _facts(content)
            network = OnnxNetwork(content)
            model = described(facts, network, landmarks)
            network.require(model)
    except (ConfigError, DataError) as error:
        said = str(error) if printable(str(path)) in str(error) else f"{printable(str(path))} cannot be used: {error}"
        raise type(error)(said) from error
    return model


def require(library: str) -> None:
    """Make sure that a library of the extra `export` is installed.

    Raises:
        ConfigError: it is not.
    """
    from importlib.util import find_spec

    if find_spec(library) is None:
        raise ConfigError(f"an ONNX file {MISSING.format(library)}")


def _read(path: Path) -> bytes:
    require("onnx")
    require("onnxruntime")
    if not path.is_file():
        raise DataError(f"expected an ONNX file in {printable(str(path))}, found none; fercli export writes one")
    if (size := path.stat().st_size) > MOST_BYTES:
        raise DataError(f"{printable(str(path))} has {size:,} bytes; expected at most {MOST_BYTES:,}")
    return path.read_bytes()


def _facts(content: bytes) -> dict[str, Any]:
    """Return the metadata of a file, after a look at all that could reach beyond it."""
    import onnx

    model = onnx.ModelProto.FromString(content)
    if unknown := {entry.domain for entry in model.opset_import} - {*DOMAINS}:
        raise DataError(f"expected operators of ONNX alone, found some of {printable(', '.join(sorted(unknown)))}")
    if model.functions or model.training_info:
        raise DataError("expected one graph, found functions or training steps beside it")
    for node in model.graph.node:
        if node.domain not in DOMAINS or node.op_type in ENDLESS or any(_graphs(node)):
            raise DataError(f"expected operators that fercli export writes, found {printable(node.op_type)}")
    for tensor in _tensors(model.graph):
        if tensor.external_data or tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise DataError(f"expected all weights in the file; '{printable(tensor.name)}' refers to another file")
    for name, number in _sizes(model):
        if number > MOST_VALUES:
            raise DataError(f"expected at most {MOST_VALUES:,} numbers in a tensor; '{printable(name)}' has {number:,}")
    if sum(len(entry.key) + len(entry.value) for entry in model.metadata_props) > MOST_FACTS:
        raise DataError(f"expected at most {MOST_FACTS:,} characters of metadata")
    return {entry.key: json.loads(entry.value) for entry in model.metadata_props}


def _sizes(model: "onnx.ModelProto") -> Iterator[tuple[str, int]]:
    """Yield the name of each tensor that the graph computes, and its numbers for a face, as far as they are known."""
    from onnx.shape_inference import infer_shapes

    for value in infer_shapes(model, data_prop=True).graph.value_info:
        yield value.name, math.prod(side.dim_value or 1 for side in value.type.tensor_type.shape.dim)


def _graphs(node: "onnx.NodeProto") -> Iterator[bool]:
    return (attribute.HasField("g") or bool(attribute.graphs) for attribute in node.attribute)


def _tensors(graph: "onnx.GraphProto") -> Iterator["onnx.TensorProto"]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for attribute in (attribute for node in graph.node for attribute in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
            yield from (sparse.values, sparse.indices)


class OnnxNetwork:
    """The network of an ONNX file, on the CPU.

    Args:
        content: of the file; nothing else is read.
    """

    def __init__(self, content: bytes):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()  # as many as the same run would take
        options.log_severity_level = 4  # an error becomes an exception; a second message would only repeat it
        self.session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.inputs = [entry.name for entry in self.session.get_inputs()]
        self.outputs = [entry.name for entry in self.session.get_outputs()]

    def __call__(
        self, images: np.ndarray, scenes: np.ndarray | None = None, landmarks: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Predict; see `fercli.inference.network.Network`."""
        if landmarks is None:
            landmarks = np.full((len(images), NUM_LANDMARKS, 2), np.nan)
        given = {"image": images, "context": scenes, "landmarks": landmarks.astype(np.float32)}
        found = self.session.run(self.outputs, {name: given[name] for name in self.inputs})
        for entry, values in zip(self.session.get_outputs(), found, strict=True):
            if values.shape != (len(images), *entry.shape[1:]):
                raise DataError(f"expected one row of '{printable(entry.name)}' a face, found {values.shape}; {REMEDY}")
        return {name: values.astype(np.float64) for name, values in zip(self.outputs, found, strict=True)}

    def require(self, model: Model) -> None:
        """Make sure that the file holds what its metadata describes.

        Raises:
            DataError: an input or an output has another name, type or shape.
        """
        length = [] if model.clip is None else [model.clip[0]]
        size, scene = model.crop.size, model.context
        inputs = {"image": [*length, model.channels, size, size]}
        if scene is not None:
            inputs["context"] = [*length, model.channels, scene.height, scene.width]
        if model.cuts_patches:
            inputs["landmarks"] = [NUM_LANDMARKS, 2]
        widths = {PROBABILITIES: [len(model.classes)], AFFECT: [2], SCORE: []}
        for kind, found, expected in (
            ("input", self.session.get_inputs(), {name: (TYPES[name], shape) for name, shape in inputs.items()}),
            ("output", self.session.get_outputs(), {name: ("tensor(float)", shape) for name, shape in widths.items()}),
        ):
            for entry in found:
                if entry.name not in expected or (entry.type, list(entry.shape[1:])) != expected[entry.name]:
                    shape = "x".join(map(str, entry.shape[1:])) or "one number"
                    raise DataError(
                        f"the metadata describes no {kind} '{printable(entry.name)}' of {entry.type} and {shape} a face"
                    )
        if not self.outputs or {*self.inputs} != {*inputs}:
            raise DataError(f"expected the inputs {', '.join(inputs)} and an output, found {', '.join(self.inputs)}")
        if not np.isfinite(np.concatenate([values.ravel() for values in model.said_of_black.values()])).all():
            raise DataError("expected finite numbers for a black image, found others: a weight is damaged")
