"""Time that each metric loss adds to one training step of ResNet-18 with cross-entropy.

    python -m benchmarks.loss_cost --size 64 --repeats 30 [--device cuda] [--losses center,island]
    python -m benchmarks.loss_cost --size 224 --repeats 5 --losses sparse_center --heads attentive,gated_attentive

One step is forward pass, objective, backward pass, optimizer and the step of the centers, on a batch that stays in
memory.

`alone` is the time of the loss itself, minus that of cross-entropy: objective, backward pass to the features, and the
step of the centers. It has little noise, but on a GPU this time may overlap with the network. `step` is the difference
of whole steps. Heads, with their attention networks, are measured only in whole steps.

The variants take turns. The table has the median over rounds of the difference to cross-entropy in the same round, so
that other work on the machine disturbs all variants equally. Time is the CPU time of all threads, or on a GPU the
wall-clock time.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn

from benchmarks import measure
from fercli.backbones.torchvision import TorchvisionBackbone
from fercli.batch import Batch
from fercli.config import compose, instantiate
from fercli.losses.objective import Objective
from fercli.prediction import Prediction

NUM_CLASSES = 8
SUBCLASS = ("local_subclass", "local_subclass_margin")
METRIC = (
    *("center", "dda", "sparse_center", "attentive_dda", "center_local", "va_center", "va_center_local", "island"),
    *("euclidean_island", *SUBCLASS, "contrastive", "separate", "regularized_center", "locality_preserving"),
    *("regular_face", "regular_face_centers", "triplet", "batch_hard_triplet", "n_pair", "lifted_structure"),
    *("generalized_lifted_structure", "multi_similarity", "circle"),
    *("sphere_face", "cos_face", "arc_face", "soft_triple"),
)


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
    cfg.sizes.num_classes, cfg.sizes.num_levels, cfg.sizes.dim = NUM_CLASSES, 64, backbone.dim
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


def extra_of(name: str, rounds: list[dict[str, measure.Took]], device: str) -> float:
    """Return the median, over rounds, of the seconds that a variant takes more than cross-entropy alone."""
    return median(took[name].on(device) - took[""].on(device) for took in rounds)


@dataclass(frozen=True)
class Cost:
    """What a loss adds to a training step with cross-entropy, in seconds.

    Attributes:
        alone: of the loss itself; None for a head, which is measured only in whole steps.
        step: of a whole step.
    """

    alone: float | None
    step: float


def costs(
    size: int, batch_size: int, device: str, losses: Sequence[str], heads: Sequence[str], repeats: int
) -> tuple[float, dict[str, Cost]]:
    """Measure losses and heads; return also the seconds of a step with cross-entropy alone."""
    torch.manual_seed(0)
    backbone = TorchvisionBackbone("resnet18", map="layer4").to(device)
    head = head_of("linear", backbone, size).to(device)
    batch = Batch(
        id=[""] * batch_size,
        image=torch.randn(batch_size, 3, size, size),
        expression=torch.randint(NUM_CLASSES, (batch_size,)),
        affect=2 * torch.rand(batch_size, 2) - 1,
    ).to(device)
    objectives = {name: objective_of(name, backbone.dim).to(device) for name in ("", *losses)}
    parts = {name: part_of(objective, backbone.dim, batch) for name, objective in objectives.items()}
    steps = {name: step_of(objective, backbone, head, batch) for name, objective in objectives.items()}
    for name in heads:
        other = head_of(name, backbone, size).to(device)
        steps[name] = step_of(objective_of("sparse_center", backbone.dim).to(device), backbone, other, batch)
    alone = measure.take_turns(parts, 10 * repeats)
    whole = measure.take_turns(steps, repeats)
    plain = median(took[""].on(device) for took in whole)
    own = {name: extra_of(name, alone, device) for name in losses}
    return plain, {name: Cost(own.get(name), extra_of(name, whole, device)) for name in (*losses, *heads)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = measure.parser_of(__spec__.name, __doc__, 30, "rounds of whole steps; ten times as many of losses alone")
    parser.add_argument("--size", type=measure.positive, default=64, help="side of the images in pixels")
    parser.add_argument("--batch", type=measure.positive, default=64, help="samples of a step")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--losses", type=measure.names, default=METRIC, help="names of files in conf/loss")
    parser.add_argument(
        "--heads", type=measure.names, default=[], help="names of files in conf/head, with the sparse center loss"
    )
    options = parser.parse_args(arguments)
    with measure.report(options) as report:
        plain, found = costs(
            options.size, options.batch, options.device, options.losses, options.heads, options.repeats
        )
        table = report.table("A step with cross-entropy alone", {"ms": ".1f"})
        table.add(1000 * plain)
        columns = {"loss": "", "alone ms": ".2f", "alone %": ".1f", "step %": ".1f"}
        table = report.table("What each loss adds to it", columns)
        for name, cost in found.items():
            own = (None, None) if cost.alone is None else (1000 * cost.alone, 100 * cost.alone / plain)
            table.add(name, *own, 100 * cost.step / plain)


if __name__ == "__main__":
    main()
