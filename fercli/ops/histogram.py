"""Soft histograms of similarities, and the cost of the wrong order between two kinds of pairs.

All operations are element by element: there is no matrix product that autocast or a device would round.
"""

import torch
from torch import Tensor


def above_diagonal(matrix: Tensor) -> Tensor:
    """The entries of every pair i < j of a symmetric matrix (n, n), row by row: (n (n - 1) / 2,).

    Examples:
        >>> import torch
        >>> from fercli.ops.histogram import above_diagonal
        >>> above_diagonal(torch.arange(9).reshape(3, 3))
        tensor([1, 2, 5])
    """
    rows, columns = torch.triu_indices(len(matrix), len(matrix), offset=1, device=matrix.device)
    return matrix[rows, columns]


def histogram(values: Tensor, weights: Tensor, num_nodes: int) -> Tensor:
    """Share of the weight at each of R evenly spaced nodes in [-1, 1]; weights with sum 0 give zeros.

    A value is split linearly between its two nearest nodes; a value on a node counts only there. The histogram
    therefore has a gradient with respect to the values. Values outside [-1, 1] count at the end.

    Args:
        values: (P,).
        weights: (..., P), 0 or more; each row gives one histogram of the same values.
        num_nodes: R, 2 or more.

    Returns:
        (..., R).

    Source: Ustinova and Lempitsky 2016 (arXiv 1611.00822), section 3; the weights are an addition.

    Examples:
        >>> import torch
        >>> from fercli.ops.histogram import histogram
        >>> histogram(torch.tensor([-1.0, 0.5]), torch.ones(2), num_nodes=5)
        tensor([0.5000, 0.0000, 0.0000, 0.5000, 0.0000])
    """
    position = (values.clamp(-1, 1) + 1) * ((num_nodes - 1) / 2)
    left = position.detach().long().clamp(0, num_nodes - 2)  # clamped at both ends, because NaN has no valid index
    right_share = position - left
    shares = weights.new_zeros(*weights.shape[:-1], num_nodes)
    shares = shares.index_add(-1, left, weights * (1 - right_share))
    shares = shares.index_add(-1, left + 1, weights * right_share)
    total = weights.sum(-1, keepdim=True)
    return shares / torch.where(total > 0, total, 1)


def order_cost(num_nodes: int, margin: float | None = None) -> Tensor:
    """(R, R) float64 cost of a negative pair at node r and a positive one at node q.

    Args:
        num_nodes: R.
        margin: None: 1 where the positive pair is not more similar (q <= r), else 0. A number m: the shortfall from a
            lead of m in similarity, max(0, m + t_r - t_q), with the similarities t of the nodes.

    Examples:
        >>> from fercli.ops.histogram import order_cost
        >>> order_cost(3)
        tensor([[1., 0., 0.],
                [1., 1., 0.],
                [1., 1., 1.]], dtype=torch.float64)
    """
    if margin is None:
        return torch.ones(num_nodes, num_nodes, dtype=torch.float64).tril()
    node = torch.linspace(-1, 1, num_nodes, dtype=torch.float64)
    return (margin + node[:, None] - node).clamp(min=0)


def expected_cost(positive: Tensor, negative: Tensor, cost: Tensor) -> Tensor:
    """Expected cost of a positive and a negative pair drawn from two histograms (..., R), in their leading shape.

    With `order_cost(R)`: the probability that a positive pair is not more similar than a negative one; ties count.

    Source: Ustinova and Lempitsky 2016 (arXiv 1611.00822), section 3.
    """
    return (negative[..., :, None] * positive[..., None, :] * cost.to(positive)).sum((-2, -1))
