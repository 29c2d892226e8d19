"""Cost of networks on clips, and the additional cost of the histogram losses of DJ-LDML.

    python -m benchmarks.clip_cost --threads 2

The first table has the parameters of each backbone, and the multiply-accumulates and the time of one clip, by default
of 16 frames of 112 pixels. The time is that of a forward pass in evaluation and float32, the median over `--repeats`.

The second has each loss, forward and backward, on a batch of 32 features of 512 numbers with scores of 0 to 45: the
median over 40 times as many passes, also as a share of 32 forward passes of the first backbone. A forward pass is about
a third of a training step.
"""

from collections.abc import Sequence

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import measure
from fercli.config import compose, instantiate

BACKBONES = "c3d,r3d18,r2plus1d18,i3d,frames_resnet50"
LOSSES = "histogram,label_aware_histogram,histogram_margin,histogram_levels"
BATCH, DIM, HIGHEST = 32, 512, 45
MORE_PASSES = 40  # of a loss for each of a backbone


def backbone_of(name: str, frames: int, size: int) -> nn.Module:
    """Build a backbone from its yaml file, in evaluation mode."""
    clip = f"inputs.clip={{length: {frames}, stride: {frames}}}"
    cfg = compose("train", [f"backbone={name}", clip, f"augment.size={size}"])
    return instantiate(cfg.backbone).eval()  # type: ignore[no-any-return]


def counts(name: str, frames: int, size: int) -> tuple[int, float]:
    """Return the parameters and the multiply-accumulates of one clip, counted on the meta device."""
    counter = FlopCounterMode(display=False)
    with torch.device("meta"), torch.no_grad():
        backbone = backbone_of(name, frames, size)
        with counter:
            backbone(torch.zeros(1, frames, 3, size, size))
    return sum(parameter.numel() for parameter in backbone.parameters()), counter.get_total_flops() / 2


@torch.inference_mode()
def clip_seconds(name: str, frames: int, size: int, repeats: int) -> measure.Took:
    """Return the time of one clip through a backbone."""
    torch.manual_seed(0)
    backbone, clip = backbone_of(name, frames, size), torch.randn(1, frames, 3, size, size)
    return measure.timed(lambda: backbone(clip), repeats)


def loss_seconds(name: str, num_nodes: int, repeats: int) -> measure.Took:
    """Return the time of one loss, forward and backward."""
    torch.manual_seed(0)
    cfg = compose("train", ["method=dj_ldml", f"loss=[{name}]", f"loss.{name}.loss.num_nodes={num_nodes}"])
    loss = instantiate(cfg.loss[name]).loss
    feature = torch.randn(BATCH, DIM, requires_grad=True)
    score = torch.randint(0, HIGHEST + 1, (BATCH // 4,)).repeat_interleave(4).float()  # four clips of each score
    session = torch.arange(BATCH // 2).repeat_interleave(2)
    return measure.timed(lambda: loss(feature, score, session).backward(), repeats)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = measure.parser_of(__spec__.name, __doc__, 5, "forward passes of a backbone")
    parser.add_argument("--backbones", type=measure.names, default=BACKBONES, help="names of files in conf/backbone")
    parser.add_argument("--losses", type=measure.names, default=LOSSES, help="names of files in conf/loss")
    parser.add_argument("--nodes", type=measure.numbers, default="101,201", help="nodes of the histograms")
    parser.add_argument("--frames", type=measure.positive, default=16, help="frames of a clip")
    parser.add_argument("--size", type=measure.positive, default=112, help="side of a frame in pixels")
    options = parser.parse_args(arguments)
    times = {}
    columns = {"backbone": "", "parameters": ",", "multiply-accumulates (G)": ".2f", "CPU s": ".3f", "wall s": ".3f"}
    with measure.report(options) as report:
        table = report.table(f"One clip of {options.frames} frames of {options.size} pixels", columns)
        for name in options.backbones:
            parameters, operations = counts(name, options.frames, options.size)
            times[name] = took = clip_seconds(name, options.frames, options.size, options.repeats)
            table.add(name, parameters, operations / 1e9, took.cpu, took.wall)
        first = options.backbones[0]
        share = f"% of {first}"
        columns = {"loss": "", "nodes": "d", "CPU ms": ".2f", "wall ms": ".2f", share: ".3f"}
        table = report.table(f"Features of {BATCH} clips", columns)
        for name in options.losses:
            for num_nodes in options.nodes:
                took = loss_seconds(name, num_nodes, MORE_PASSES * options.repeats)
                of_first = 100 * took.cpu / (BATCH * times[first].cpu)
                table.add(name, num_nodes, 1000 * took.cpu, 1000 * took.wall, of_first)


if __name__ == "__main__":
    main()
