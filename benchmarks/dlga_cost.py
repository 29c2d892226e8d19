"""Cost of DLGA-CNN: parameters, multiply-accumulates, and the time of one image.

    python -m benchmarks.dlga_cost --threads 2 --variants dlga_cnn,la_cnn

The time is the median over `--repeats` forward passes of one image of 224 x 224 pixels. A pass goes from the
normalized image and its landmarks to the score, in evaluation and float32. The source states 2.12 s per image on an
Intel i7-6700 at 3.40 GHz.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import measure
from fercli.config import compose, instantiate
from fercli.ops.patches import FACE_SIZE, PatchRule, window_starts
from fercli.ops.template import template_landmarks
from fercli.prediction import Prediction

VARIANTS = "dlga_cnn,lga_cnn,la_cnn,ga_cnn"


def network_of(name: str) -> tuple[nn.Module, nn.Module]:
    """Build the backbone and the head of a method from its yaml file."""
    cfg = compose("train", [f"method={name}"])
    backbone = instantiate(cfg.backbone)
    cfg.sizes.map = [backbone.dim, FACE_SIZE // 8, FACE_SIZE // 8]
    return backbone.eval(), instantiate(cfg.head).eval()


def predict(backbone: nn.Module, head: nn.Module, image: torch.Tensor, landmarks: torch.Tensor) -> Prediction:
    """Predict as the method does for a batch."""
    starts = window_starts(PatchRule().centers(landmarks + 0.5, FACE_SIZE))
    return Prediction(**head(backbone(image), starts))


def counts(name: str) -> tuple[int, float]:
    """Return the parameters and the multiply-accumulates of one image, counted on the meta device."""
    with torch.device("meta"):
        backbone, head = network_of(name)
        image, landmarks = torch.zeros(1, 3, FACE_SIZE, FACE_SIZE), torch.zeros(1, 68, 2)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad(), torch.device("meta"):
        predict(backbone, head, image, landmarks)
    parameters = sum(p.numel() for module in (backbone, head) for p in module.parameters())
    return parameters, counter.get_total_flops() / 2


@torch.inference_mode()
def seconds(name: str, repeats: int) -> measure.Took:
    """Return the time of a forward pass."""
    torch.manual_seed(0)
    backbone, head = network_of(name)
    image = torch.randn(1, 3, FACE_SIZE, FACE_SIZE)
    landmarks = torch.from_numpy(template_landmarks(FACE_SIZE, 0.1)).float()[None]
    return measure.timed(lambda: predict(backbone, head, image, landmarks), repeats)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = measure.parser_of(__spec__.name, __doc__, 50, "forward passes")
    parser.add_argument("--variants", type=measure.names, default=VARIANTS, help="names of yaml files in conf/method")
    options = parser.parse_args(arguments)
    columns = {"method": "", "parameters": ",", "multiply-accumulates (G)": ".3f", "CPU s": ".3f", "wall s": ".3f"}
    with measure.report(options) as report:
        table = report.table("One image", columns)
        for name in options.variants:
            parameters, operations = counts(name)
            took = seconds(name, options.repeats)
            table.add(name, parameters, operations / 1e9, took.cpu, took.wall)


if __name__ == "__main__":
    main()
