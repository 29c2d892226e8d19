"""The network of a run as one graph: from stored images to its predictions, with resize and normalization inside."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from fercli.batch import Batch
from fercli.errors import ConfigError
from fercli.inference.model import Model
from fercli.inference.network import RunNetwork, outputs
from fercli.preprocess.shape_predictor import NUM_LANDMARKS

MOST_ROWS = 4096  # of a batch


class Exported(nn.Module):
    """From the inputs of a method, one tensor each, to its outputs, float32 each.

    Args:
        network: of a run.
        inputs: names of the fields of `Batch` that the method reads, in the order of the arguments of `forward`.
    """

    def __init__(self, network: RunNetwork, inputs: tuple[str, ...]):
        super().__init__()
        self.method = network.method.cpu().eval()
        self.num_classes = network.num_classes
        self.inputs = inputs

    def forward(self, *values: Tensor) -> dict[str, Tensor]:
        """Return the outputs by name; see `fercli.inference.network.Network`."""
        given: dict[str, Any] = dict(zip(self.inputs, values, strict=True))
        batch = Batch(id=[], **given)
        prediction = self.method(self.method.augmented(batch))
        return {name: value.float() for name, value in outputs(prediction, self.num_classes).items()}


def input_shapes(model: Model) -> dict[str, list[int]]:
    """Return the shape of each input of a model, without the number of rows; see `fercli.inference.network.Network`."""
    length = [] if model.clip is None else [model.clip[0]]
    shapes = {"image": [*length, model.channels, model.crop.size, model.crop.size]}
    if model.context is not None:
        shapes["context"] = [*length, model.channels, model.context.height, model.context.width]
    if model.cuts_patches:
        shapes["landmarks"] = [NUM_LANDMARKS, 2]
    return shapes


def example(model: Model, num_rows: int = 2) -> dict[str, np.ndarray]:
    """Return random inputs of a model, with landmarks inside of the image."""
    random = np.random.default_rng(0)
    shapes = {name: (num_rows, *shape) for name, shape in input_shapes(model).items()}
    return {
        name: (random.random(shape) * model.crop.size).astype(np.float32)
        if name == "landmarks"
        else random.integers(0, 256, shape, dtype=np.uint8)
        for name, shape in shapes.items()
    }


def traced(model: Model) -> ExportedProgram:
    """Return the graph of a run's network, for batches of any size.

    Raises:
        ConfigError: the method does something that a graph cannot hold; the message says what.
    """
    assert isinstance(model.network, RunNetwork)
    inputs = {name: torch.from_numpy(value) for name, value in example(model).items()}
    network = Exported(model.network, tuple(inputs))
    _ = model.said_of_black  # a head may compute once what does not depend on the image, and not while it is traced
    rows = Dim("rows", min=1, max=MOST_ROWS)
    try:
        with torch.no_grad():
            program = torch.export.export(
                network, tuple(inputs.values()), dynamic_shapes=(tuple({0: rows} for _ in inputs),)
            )
    except Exception as error:  # whatever code of a user's own method does
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ConfigError(f"the network of {model.name} cannot be written as a graph: {reason}") from error
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # names files of this machine
    return program


def run_program(program: ExportedProgram, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the outputs of a graph, float64."""
    with torch.no_grad():
        found = program.module()(*(torch.from_numpy(value) for value in inputs.values()))
    return {name: value.double().numpy() for name, value in found.items()}
