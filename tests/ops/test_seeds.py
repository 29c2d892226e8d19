import pytest
import torch

from fercli.ops.seeds import seed_generators
from tests.device import HERE


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**64 - 1])
def test_the_numbers_are_those_of_manual_seed(seed):
    drawn = []
    for start in (torch.manual_seed, lambda seed: seed_generators(seed, torch.device(HERE))):
        start(seed)
        drawn.append((torch.rand(5), torch.rand(5, device=HERE)))
    assert all(torch.equal(one, other) for one, other in zip(*drawn, strict=True))


@pytest.mark.parametrize(("kind", "name"), [("cuda", "cuda.manual_seed_all"), ("mps", "manual_seed")])
def test_the_generators_of_another_device_are_seeded_as_well(monkeypatch, kind, name):
    seen = []
    monkeypatch.setattr(f"torch.{name}", seen.append)
    seed_generators(3, torch.device(kind))
    assert seen == [3]
