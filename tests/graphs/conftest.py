import pytest
import torch

FACE = [[1, 0], [1, 1]]
CONTEXT = [[1, 0], [0, 2]]


@pytest.fixture
def two():
    """Maps of two pixels and two channels, worked out by hand: 1 sample, (1, 2, 1, 2)."""
    return {"face": as_map(FACE), "context": as_map(CONTEXT)}


def as_map(rows):
    """Rows (P, D) as a map (1, D, 1, P) in float64."""
    return torch.tensor(rows, dtype=torch.float64).T[None, :, None]
