"""Cost of networks on clips, and the additional cost of the histogram losses of DJ-LDML.

    python benchmarks/clip_cost.py --threads 2 [--no-time]

Prints two Markdown tables. The first has the parameters of each backbone, and the multiply-accumulates and the time of
one clip of 16 frames of 112 pixels. The time is that of a forward pass in evaluation and float32, the median over 5
passes after one warm-up pass.

The second has each loss, forward and backward, on a batch of 32 features of 512 numbers with scores of 0 to 45. The
time is the median over 200 passes after 20 warm-up passes. It is also given as a share of 32 forward passes of C3D,
which are about a third of a training step.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from fercli.config import compose, instantiate
from fercli.runs.provenance import processor

BACKBONES = ("c3d", "r3d18", "r2plus1d18", "i3d", "frames_resnet50")
LOSSES = ("histogram", "label_aware_histogram", "histogram_margin", "histogram_levels")
NODES = (101, 201)
BATCH, DIM, HIGHEST = 32, 512, 45
CLIP = (1, 16, 3, 112, 112)


def backbone_of(name: str) -> nn.Module:
    """Build a backbone from its yaml file, in evaluation mode."""
    cfg = compose("train", [f"backbone={name}", "inputs.clip={length: 16, stride: 16}", f"augment.size={CLIP[-1]}"])
    return instantiate(cfg.backbone).eval()  # type: ignore[no-any-return]


def counts(name: str) -> tuple[int, float]:
    """Return the parameters and the multiply-accumulates of one clip, counted on the meta device."""
    counter = FlopCounterMode(display=False)
    with torch.device("meta"), torch.no_grad():
        backbone = backbone_of(name)
        with counter:
            backbone(torch.zeros(CLIP))
    return sum(parameter.numel() for parameter in backbone.parameters()), counter.get_total_flops() / 2


def seconds(run: Callable[[], object], num_warm: int, num_timed: int) -> float:
    """Return the median time of a call."""
    times = []
    for _ in range(num_warm + num_timed):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return median(times[num_warm:])


def clip_seconds(name: str) -> float:
    """Return the seconds of one clip through a backbone."""
    torch.manual_seed(0)
    backbone, clip = backbone_of(name), torch.randn(CLIP)
    with torch.inference_mode():
        return seconds(lambda: backbone(clip), 1, 5)


def loss_seconds(name: str, num_nodes: int) -> float:
    """Return the seconds of one loss, forward and backward."""
    torch.manual_seed(0)
    cfg = compose("train", ["method=dj_ldml", f"loss=[{name}]", f"loss.{name}.loss.num_nodes={num_nodes}"])
    loss = instantiate(cfg.loss[name]).loss
    feature = torch.randn(BATCH, DIM, requires_grad=True)
    score = torch.randint(0, HIGHEST + 1, (BATCH // 4,)).repeat_interleave(4).float()  # four clips of each score
    session = torch.arange(BATCH // 2).repeat_interleave(2)
    return seconds(lambda: loss(feature, score, session).backward(), 20, 200)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-time", action="store_true", help="count only")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print("| backbone | parameters | multiply-accumulates | s per clip |")
    print("| --- | --- | --- | --- |")
    times = {}
    for name in BACKBONES:
        parameters, operations = counts(name)
        if not options.no_time:
            times[name] = clip_seconds(name)
        shown = f"{times[name]:.3f}" if times else ""
        print(f"| {name} | {parameters:,} | {operations / 1e9:.2f} G | {shown} |", flush=True)
    if options.no_time:
        return
    print("\n| loss | nodes | ms of 32 clips | of 32 clips through C3D |")
    print("| --- | --- | --- | --- |")
    for name in LOSSES:
        for num_nodes in NODES:
            spent = loss_seconds(name, num_nodes)
            share = spent / (BATCH * times["c3d"])
            print(f"| {name} | {num_nodes} | {1000 * spent:.2f} | {100 * share:.3f} % |", flush=True)


if __name__ == "__main__":
    main()
