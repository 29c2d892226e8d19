"""What each metric loss adds to the time of one training step of ResNet-18, beside cross-entropy.

    python benchmarks/loss_cost.py --size 64 --repeats 30 [--device cuda] [--losses center,island]

Prints a Markdown table. One step is forward pass, objective, backward pass, optimizer and the step of the centers, on a
batch that stays in memory. Variants take turns, and the median over the rounds of the difference to cross-entropy in
the same round is shown, so that other work on the machine disturbs all alike.
"""

import argparse
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
    *("regular_face", "triplet", "batch_hard_triplet", "n_pair", "lifted_structure", "multi_similarity", "circle"),
    *("sphere_face", "cos_face", "arc_face", "soft_triple"),
]


def objective_of(name: str | None, dim: int) -> Objective:
    """Cross-entropy, and beside it the loss of this name, as the yaml files have it."""
    losses = ["cross_entropy", *([name] if name else [])]
    bank = "subclass" if name in SUBCLASS else "he"
    cfg = compose("train", [f"loss=[{','.join(losses)}]", f"center_bank={bank}"])
    cfg.sizes.num_classes, cfg.sizes.dim = NUM_CLASSES, dim
    terms = {key: instantiate(term) for key, term in cfg.loss.items()}
    return Objective(terms, instantiate(cfg.center_bank))


def step_of(objective: Objective, backbone: nn.Module, head: nn.Module, batch: Batch) -> Callable[[], None]:
    """One training step. The attention is drawn once: the network that gives it is not the cost of a loss."""
    attention = torch.rand(len(batch), backbone.dim, device=batch.image.device)
    network = [*backbone.parameters(), *head.parameters(), *objective.parameters()]
    optimizer = torch.optim.SGD(network, lr=1e-4, momentum=0.9, weight_decay=5e-4)

    def step() -> None:
        feature = backbone(batch.image).vector
        total, _ = objective(Prediction(feature, head(feature), attention), batch)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        objective.step_centers()

    return step


def seconds(step: Callable[[], None], device: str) -> float:
    """Of one step, to its end on the device."""
    begin = time.perf_counter()
    step()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=64, help="of the images, in pixels")
    parser.add_argument("--batch", type=int, default=64, help="samples of a step")
    parser.add_argument("--repeats", type=int, default=30, help="rounds, after one that is not counted")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--losses", default=",".join(METRIC), help="names of yaml files in conf/loss")
    options = parser.parse_args()

    torch.manual_seed(0)
    backbone = TorchvisionBackbone("resnet18", map="layer4").to(options.device)
    head = nn.Linear(backbone.dim, NUM_CLASSES).to(options.device)
    batch = Batch(
        id=[""] * options.batch,
        image=torch.randn(options.batch, 3, options.size, options.size),
        expression=torch.randint(NUM_CLASSES, (options.batch,)),
        affect=2 * torch.rand(options.batch, 2) - 1,
    ).to(options.device)
    names = options.losses.split(",")
    steps = {
        name: step_of(objective_of(name, backbone.dim).to(options.device), backbone, head, batch)
        for name in (None, *names)
    }
    rounds = [{name: seconds(step, options.device) for name, step in steps.items()} for _ in range(options.repeats + 1)]
    plain = median(times[None] for times in rounds[1:])
    print(
        f"{options.size} pixels, batch {options.batch}, {options.device}, {torch.get_num_threads()} threads:", end=" "
    )
    print(f"cross-entropy {1000 * plain:.1f} ms (median of {options.repeats})\n")
    print("| loss | extra ms | extra % |\n| --- | --- | --- |")
    for name in names:
        extra = median(times[name] - times[None] for times in rounds[1:])
        print(f"| {name} | {1000 * extra:.2f} | {100 * extra / plain:.1f} |")


if __name__ == "__main__":
    main()
