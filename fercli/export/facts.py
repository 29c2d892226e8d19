"""The facts that an exported network carries: those that `fercli predict` reads, and more for people and programs."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fercli.config import Config
from fercli.datasets.store import Store
from fercli.export.network import input_shapes
from fercli.export.onnx_file import OPSET
from fercli.inference.description import describe
from fercli.inference.model import Model
from fercli.inference.network import AFFECT, PROBABILITIES, SCORE

ROWS = "rows"  # name of the dimension of the batch
INPUTS = {
    "image": "uint8, 0 to 255; a face, cut out as `crop` says, in the color order `color_order`",
    "context": "uint8, 0 to 255; the whole image around the face, resized without regard to its shape",
    "landmarks": "float32; x and y of 68 landmarks in pixels of the image, in the iBUG order; NaN where unknown",
}
OUTPUTS = {
    PROBABILITIES: "float32; the probability of each class, in the order of `classes`",
    AFFECT: "float32; valence, then arousal, about -1 to 1",
    SCORE: "float32; severity, in points of `scale`",
}
INSIDE = "resize to network_size, the middle part that a test-time crop keeps, normalization by mean and std"
AXES = "rows, [frames of a clip,] channels, height, width"


def facts_of(
    model: Model, config: Config, recorded: Mapping[str, Any], store: Store, outputs: list[str]
) -> dict[str, Any]:
    """Return what is written into an exported network; plain values, no paths.

    Args:
        config: of the run.
        recorded: its `metrics.json`.
        store: that it was evaluated on.
        outputs: names of the outputs.
    """
    widths = {PROBABILITIES: [len(model.classes)], AFFECT: [2], SCORE: []}
    shapes = input_shapes(model)
    return describe(model) | {
        "fercli": version("fercli"),
        "opset": OPSET,
        "run_id": recorded["run_id"],
        "seed": recorded["seed"],
        "method": recorded["method"],
        "backbone": recorded["backbone"],
        "data": {
            "name": store.name,
            "title": store.meta.get("title", store.name),
            "license": store.meta.get("licence", "not recorded"),
            "fingerprint": store.fingerprint,
        },
        "axes": AXES,
        "inputs": {name: {"shape": [ROWS, *shape], "meaning": INPUTS[name]} for name, shape in shapes.items()},
        "outputs": {name: {"shape": [ROWS, *widths[name]], "meaning": OUTPUTS[name]} for name in outputs},
        "input_size": model.crop.size,
        "inside": INSIDE,
        "network_size": config.augment.size,
        "mean": [float(value) for value in config.augment.mean],
        "std": [float(value) for value in config.augment.std],
    }
