"""Cost of DLGA-CNN: parameters, multiply-accumulates, and the time of one image on the CPU.

    python benchmarks/dlga_cost.py --threads 2 [--variants dlga_cnn,la_cnn] [--no-time]

Prints a Markdown table. The time is the median over 50 forward passes of one image of 224 x 224 pixels, after 10
warm-up passes. A pass goes from the normalized image and its landmarks to the score, in evaluation and float32. The
source states 2.12 s per image on an Intel i7-6700 at 3.40 GHz. If other work runs on the machine, use the fastest pass
and the CPU time (of all threads, in the column `CPU s`).
"""

import argparse
import time
from statistics import median

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from fercli.config import compose, instantiate
from fercli.ops.patches import FACE_SIZE, PatchRule, window_starts
from fercli.ops.template import template_landmarks
from fercli.prediction import Prediction
from fercli.runs.provenance import processor

VARIANTS = ("dlga_cnn", "lga_cnn", "la_cnn", "ga_cnn")
NUM_WARM, NUM_TIMED = 10, 50


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
def seconds(name: str) -> tuple[list[float], list[float]]:
    """Return the seconds of each timed forward pass: wall-clock time and CPU time."""
    torch.manual_seed(0)
    backbone, head = network_of(name)
    image = torch.randn(1, 3, FACE_SIZE, FACE_SIZE)
    landmarks = torch.from_numpy(template_landmarks(FACE_SIZE, 0.1)).float()[None]
    clock, processor = [], []
    for _ in range(NUM_WARM + NUM_TIMED):
        begin, begin_processor = time.perf_counter(), time.process_time()
        predict(backbone, head, image, landmarks)
        clock.append(time.perf_counter() - begin)
        processor.append(time.process_time() - begin_processor)
    return clock[NUM_WARM:], processor[NUM_WARM:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--variants", default=",".join(VARIANTS), help="names of yaml files in conf/method")
    parser.add_argument("--no-time", action="store_true", help="count only")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print("| method | parameters | multiply-accumulates | s per image | fastest | CPU s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name in options.variants.split(","):
        parameters, operations = counts(name)
        shown = " | | "
        if not options.no_time:
            clock, busy = seconds(name)
            shown = f"{median(clock):.3f} | {min(clock):.3f} | {median(busy):.3f}"
        print(f"| {name} | {parameters:,} | {operations / 1e9:.3f} G | {shown} |", flush=True)


if __name__ == "__main__":
    main()
