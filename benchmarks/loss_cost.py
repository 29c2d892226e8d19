"""Time that each metric loss adds to one training step of ResNet-18 with cross-entropy.

    python benchmarks/loss_cost.py --size 64 --repeats 30 [--device cuda] [--losses center,island]
    python benchmarks/loss_cost.py --size 224 --repeats 5 --losses sparse_center --heads attentive,gated_attentive

Prints a Markdown table. One step is forward pass, objective, backward pass, optimizer and the step of the centers, on a
batch that stays in memory.

`alone` is the time of the loss itself, minus that of cross-entropy: objective, backward pass to the features, and the
step of the centers. It has little noise, but on a GPU this time may overlap with the network. `step` is the difference
of whole steps. Heads, with their attention networks, are measured only in whole steps.

The variants take turns. The table has the median over rounds of the difference to cross-entropy in the same round, so
that other work on the machine disturbs all variants equally. Time is the CPU time of all threads, or on a GPU the
wall-clock time.
"""

import argparse
import math
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn

from fercli.backbones.torchvision import TorchvisionBackbone
from fercli.batch import Batch
from fercli.config import compose, instantiate
from fercli.losses.objective import Objective
from fercli.prediction import Prediction

NUM_CLASSES = 8
SUBCLASS = ("local_subclass", "local_subclass_margin")
METRIC = [
    *("center", "dda", "sparse_center", "attentive_dda", "center_local", "va_center", "va_center_local", "island"),
    *("euclidean_island", *SUBCLASS, "contrastive", "separate", "regularized_center", "locality_preserving"),
    *("regular_face", "regular_face_centers", "triplet", "batch_hard_triplet", "n_pair", "lifted_structure"),
    *("generalized_lifted_structure", "multi_similarity", "circle"),
    *("sphere_face", "cos_face", "arc_face", "soft_triple"),
]


def objective_of(name: str, dim: int) -> Objective:
    """Build cross-entropy, plus the loss of this name, from the yaml files."""
    losses = ["cross_entropy", *([name] if name else [])]
    bank = "subclass" if name in SUBCLASS else "he"
    cfg = compose("train", [f"loss=[{','.join(losses)}]", f"center_bank={bank}"])
    cfg.sizes.num_classes, cfg.sizes.feature_dim = NUM_CLASSES, dim
    terms = {key: instantiate(term) for key, term in cfg.loss.items()}
    return Objective(terms, instantiate(cfg.center_bank))


def head_of(name: str, backbone: TorchvisionBackbone, size: int) -> nn.Module:
    """Build a head from its yaml file, for images of this size."""
    cfg = compose("train", [f"head={name}"])
    cfg.sizes.num_classes, cfg.sizes.dim = NUM_CLASSES, backbone.dim
    cfg.sizes.map = [backbone.dim, math.ceil(size / 32), math.ceil(size / 32)]
    return instantiate(cfg.head)


def step_of(objective: Objective, backbone: TorchvisionBackbone, head: nn.Module, batch: Batch) -> Callable[[], None]:
    """Return one training step. Attention is random if the head gives none: its network is no cost of the loss."""
    attention = {"attention": torch.rand(len(batch), backbone.dim, device=batch.image.device)}
    network = [*backbone.parameters(), *head.parameters(), *objective.parameters()]
    optimizer = torch.optim.SGD(network, lr=1e-4, momentum=0.9, weight_decay=5e-4)

    def step() -> None:
        features = backbone(batch.image)
        total, _ = objective(Prediction(features.vector, **(attention | head(features))), batch)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        objective.step_centers()

    return step


def part_of(objective: Objective, dim: int, batch: Batch) -> Callable[[], None]:
    """Return the part of a training step that depends on the losses; it starts from given features."""
    feature, attention = torch.randn(2, len(batch), dim, device=batch.image.device).abs()
    logits = torch.randn(len(batch), NUM_CLASSES, device=batch.image.device)
    vectors = torch.randn(NUM_CLASSES, dim, device=batch.image.device, requires_grad=True)

    def part() -> None:
        prediction = Prediction(feature.requires_grad_(), logits.requires_grad_(), (-attention).exp())
        prediction.class_vectors = vectors
        total, _ = objective(prediction, batch)
        total.backward()
        objective.step_centers()

    return part


def seconds(step: Callable[[], None], device: str) -> float:
    """Return the seconds of one step, until it ends on the device."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    begin = clock()
    step()
    if device == "cuda":
        torch.cuda.synchronize()
    return clock() - begin


def rounds_of(variants: dict[str, Callable[[], None]], repeats: int, device: str) -> list[dict[str, float]]:
    """Return the seconds of each variant in each round; the first round is a warm-up."""
    rounds = [{name: seconds(call, device) for name, call in variants.items()} for _ in range(repeats + 1)]
    return rounds[1:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64, help="side of the images in pixels")
    parser.add_argument("--batch", type=int, default=64, help="samples of a step")
    parser.add_argument("--repeats", type=int, default=30, help="rounds, after one that is not counted")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--losses", default=",".join(METRIC), help="names of yaml files in conf/loss")
    parser.add_argument("--heads", default="", help="names of yaml files in conf/head, with the sparse center loss")
    options = parser.parse_args()

    torch.manual_seed(0)
    backbone = TorchvisionBackbone("resnet18", map="layer4").to(options.device)
    head = head_of("linear", backbone, options.size).to(options.device)
    batch = Batch(
        id=[""] * options.batch,
        image=torch.randn(options.batch, 3, options.size, options.size),
        expression=torch.randint(NUM_CLASSES, (options.batch,)),
        affect=2 * torch.rand(options.batch, 2) - 1,
    ).to(options.device)
    names = options.losses.split(",")
    objectives = {name: objective_of(name, backbone.dim).to(options.device) for name in ("", *names)}
    parts = {name: part_of(objective, backbone.dim, batch) for name, objective in objectives.items()}
    steps = {name: step_of(objective, backbone, head, batch) for name, objective in objectives.items()}
    heads = [name for name in options.heads.split(",") if name]
    for name in heads:
        other = head_of(name, backbone, options.size).to(options.device)
        steps[name] = step_of(objective_of("sparse_center", backbone.dim).to(options.device), backbone, other, batch)
    alone = rounds_of(parts, 10 * options.repeats, options.device)
    whole = rounds_of(steps, options.repeats, options.device)
    plain = median(times[""] for times in whole)
    print(
        f"{options.size} pixels, batch {options.batch}, {options.device}, {torch.get_num_threads()} threads:", end=" "
    )
    print(f"cross-entropy {1000 * plain:.1f} ms (median of {options.repeats})\n")
    print("| loss | alone ms | alone % | step % |\n| --- | --- | --- | --- |")
    for name in [*names, *heads]:
        extra = median(times[name] - times[""] for times in whole)
        own = "" if name in heads else median(times[name] - times[""] for times in alone)
        shown = f"{1000 * own:.2f} | {100 * own / plain:.1f}" if own else " | "
        print(f"| {name} | {shown} | {100 * extra / plain:.1f} |")


if __name__ == "__main__":
    main()
