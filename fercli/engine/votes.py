"""What an evaluation says on data with the votes of annotators: their agreement, and the error by their entropy."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from fercli.datasets.store import Store
from fercli.metrics.bootstrap import bootstrap_intervals
from fercli.metrics.metric import Metric
from fercli.metrics.votes import agreement_of_all, agreement_with_rest, entropy_of_votes, mean

EDGES = (0.0, 0.5, 1.0, 1.5)  # bits; 0 alone, then up to each edge, then above the last
SHARE: dict[str, Any] = {"unit": "%", "higher_is_better": True, "decimals": 1, "bounds": [0.0, 1.0]}


def votes_columns(store: Store, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns of the prediction table that tell the votes; nothing for rows without votes.

    `votes` is (n, K). `num_annotators` (n,) is how many answered for each image, with answers that are no class, if the
    store records that all images were shown to equally many.
    """
    votes = store.votes[rows]
    if not len(votes) or np.isnan(votes).all():
        return {}
    annotators = store.meta.get("annotators")
    found = {"votes": votes}
    return found | ({} if annotators is None else {"num_annotators": np.full(len(rows), float(annotators))})


def votes_facts(columns: Mapping[str, np.ndarray]) -> dict[str, Any] | None:
    """Return the agreement of the annotators and the error by their entropy, for `metrics.json`.

    Args:
        columns: of the prediction table, with `votes`. Rows with fewer than two votes for a class do not count.

    Returns:
        `num_rows`; `agreement` (votes for classes) and, where known, `agreement_of_all`: share with its interval;
        `by_entropy`, where classes are predicted: for each range of the entropy (`above`, `up_to`, in bits) the number
        of rows and the share of wrong predictions with its interval. None without votes.
    """
    if "votes" not in columns:
        return None
    columns = _where(columns, np.nan_to_num(columns["votes"]).sum(axis=1) >= 2)
    votes = columns["votes"]
    if not len(votes):
        return None
    found: dict[str, Any] = {"num_rows": len(votes), "agreement": _share(columns, agreement_with_rest(votes))}
    if "num_annotators" in columns:
        found["agreement_of_all"] = _share(columns, agreement_of_all(votes, columns["num_annotators"]))
    if "probabilities" in columns:
        known = columns["expression"] >= 0
        found["by_entropy"] = _by_entropy(_where(columns, known))
    return found


def _by_entropy(columns: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    wrong = (columns["probabilities"].argmax(axis=1) != columns["expression"]).astype(float)
    if not len(wrong):
        return []
    entropy = entropy_of_votes(columns["votes"])
    place = np.searchsorted(EDGES, entropy, side="left")  # 0 belongs to the first range
    parts = []
    for i in range(len(EDGES) + 1):
        inside = place == i
        if inside.any():
            ends: dict[str, Any] = {
                "above": None if i == 0 else EDGES[i - 1],
                "up_to": EDGES[i] if i < len(EDGES) else None,
            }
            parts.append(ends | {"num_rows": int(inside.sum())} | _share(_where(columns, inside), wrong[inside]))
    return parts


def _share(columns: Mapping[str, np.ndarray], values: np.ndarray) -> dict[str, Any]:
    """Return the mean of values between 0 and 1, with its interval; the ends are None where there is none."""
    metric = Metric(function=mean, reads=["values"], label="share", **SHARE)
    interval = bootstrap_intervals({"share": metric}, {**columns, "values": values})["share"].document()
    return {"value": float(values.mean()), "low": None, "high": None} | interval


def _where(columns: Mapping[str, np.ndarray], kept: np.ndarray) -> dict[str, np.ndarray]:
    return {name: column[kept] for name, column in columns.items()}
