"""What a method predicts, found with one blank image."""

import numpy as np
import torch
from torch import Tensor, nn

from fercli.batch import Batch
from fercli.engine.run_options import InputOptions
from fercli.methods.base import Method
from fercli.methods.table import PredictionTable
from fercli.prediction import Prediction


def predicted_columns(inputs: InputOptions, method: Method) -> dict[str, np.ndarray]:
    """Return what the method predicts for one blank image: the columns of `PredictionTable`, (1, ...) each."""
    return columns_of(*blank_prediction(inputs, method))


def blank_prediction(inputs: InputOptions, method: Method) -> tuple[Batch, Prediction]:
    """Return one blank image as a batch, and what the method predicts for it."""
    image = blank(inputs, method)
    batch = Batch(["blank"], image, context=image if inputs.context else None)
    training = method.training
    with torch.inference_mode():
        prediction = method.eval()(batch)
    method.train(training)
    return batch, prediction


def columns_of(batch: Batch, prediction: Prediction) -> dict[str, np.ndarray]:
    """Return a batch and its prediction as the columns of `PredictionTable`."""
    table = PredictionTable()
    table.add(batch, prediction)
    return table.columns()


def blank(inputs: InputOptions, network: nn.Module) -> Tensor:
    """Return one augmented image or clip of zeros, on the device of the network."""
    frames = [] if inputs.clip is None else [inputs.clip["length"]]
    return torch.zeros(1, *frames, inputs.channels, inputs.size, inputs.size, device=next(network.parameters()).device)
