"""Retrieval metrics: whether the nearest images to a query are of its class, with every image of a split as a query."""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fercli.errors import DataError
from fercli.metrics.metric import Columns, Metric, known_rows
from fercli.metrics.units import Units, units_of

CHUNK = 256  # queries compared with the gallery at a time
QUERY = np.dtype([("rank", "f8"), ("r_precision", "f8"), ("average_precision", "f8")])
STORED = {f"query_{name}": name for name in QUERY.names or ()}  # columns of predictions.parquet; NaN beside the gallery


@dataclass(frozen=True, kw_only=True)
class RetrievalMetric(Metric):
    """A metric that reads `feature` and `expression`, in this order, and is a mean over queries.

    Every row is a query, and all other rows are its gallery. Where the table has a column `role`, as for In-Shop
    Clothes, the queries are the rows with `query`, and the gallery the rows with `gallery`. Intervals resample the
    queries, never the gallery: a row that is drawn twice would find itself there.

    Attributes:
        function: called with the queries that `search` returns.
    """

    @property
    def arguments(self) -> Sequence[str]:
        """The function reads the queries alone."""
        return ("queries",)

    def rows(self, columns: Columns) -> tuple[np.ndarray, ...]:
        """Return the queries as one array; consecutive metrics of one table share one search.

        If the columns already hold the results of the queries, as in predictions.parquet, nothing is searched.
        """
        if columns.keys() >= STORED.keys():
            is_query = ~np.isnan(columns["query_rank"])
            queries = np.empty(is_query.sum(), dtype=QUERY)
            for name, field in STORED.items():
                queries[field] = columns[name][is_query]
            return (queries,)
        options = (tuple(self.reads), self.per, self.aggregation, self.videos)
        sources = [columns[name] for name in (*self.reads, "role") if name in columns]
        if not _LAST.is_of(options, sources):
            feature, expression = super().rows(columns)
            role = columns["role"][known_rows(columns, self.reads)] if "role" in columns else None
            _LAST.keep(options, sources, search(feature, expression, role))
        return (_LAST.queries,)

    def samples(self, columns: Columns) -> np.ndarray:
        """(num_queries,) ids of the queries."""
        return columns["id"][self._places(columns)]

    def units(self, columns: Columns) -> Units:
        """Return the independent unit of each query."""
        return units_of(columns, self._places(columns))

    def _places(self, columns: Columns) -> np.ndarray:
        """(num_queries,) number of each query's row."""
        if columns.keys() >= STORED.keys():
            return np.flatnonzero(~np.isnan(columns["query_rank"]))
        known = known_rows(columns, self.reads)
        return np.flatnonzero(known & (columns["role"] != "gallery") if "role" in columns else known)

    def lack(self, columns: Columns) -> str:
        """Return what is missing; empty if the columns hold the results of the queries, or what to search with."""
        return "" if columns.keys() >= STORED.keys() else super().lack(columns)

    def stored(self, columns: Columns) -> dict[str, np.ndarray]:
        """Return the results of each query; NaN for rows that are no query."""
        (queries,) = self.rows(columns)
        is_query = np.isin(columns["id"], self.samples(columns))
        found = {name: np.full(len(is_query), np.nan) for name in STORED}
        for name, field in STORED.items():
            found[name][is_query] = queries[field]
        return found


class _LastSearch:
    """The result of the last search, as long as the arrays that it read exist; they must not change."""

    def __init__(self) -> None:
        self.options: object = None
        self.sources: list[weakref.ref[np.ndarray]] = []
        self.queries = np.empty(0, dtype=QUERY)

    def is_of(self, options: object, sources: list[np.ndarray]) -> bool:
        """Return whether the last search read exactly these array objects."""
        known = [source() for source in self.sources]
        same = len(known) == len(sources) and all(a is b for a, b in zip(known, sources, strict=True))
        return same and self.options == options

    def keep(self, options: object, sources: list[np.ndarray], queries: np.ndarray) -> None:
        """Store a search in place of the last one."""
        self.options, self.sources, self.queries = options, [weakref.ref(source) for source in sources], queries


_LAST = _LastSearch()  # the time of a search grows with the square of the rows: a minute for Online Products


@torch.inference_mode()
def search(feature: np.ndarray, expression: np.ndarray, role: np.ndarray | None = None) -> np.ndarray:
    """Search the gallery for each query by cosine similarity, without the query itself.

    Let R be the number of gallery images of the query's class. `r_precision` is the share of right images (of this
    class) among the R nearest. `average_precision` is the mean over the first R ranks of the precision up to this rank,
    with 0 for a rank with a wrong image. `rank` is the rank of the nearest right image. With R = 0 the rank is infinite
    and the other two are 0.

    Where cosines agree to nine digits, the first in the table counts as nearer, so that an embedding with equal
    features reaches only chance. The search holds CHUNK x n similarities in memory.

    Args:
        feature: (n, dim).
        expression: (n,) class index.
        role: (n,) `query` or `gallery`; None, or None in every row, where every row is both.

    Returns:
        (num_queries,) with the fields of QUERY, in the order of the rows.

    Raises:
        DataError: some rows have a role and others none, or there is no query or no gallery.

    Source: Musgrave, Belongie and Lim 2020, section 3.2, for R-precision and MAP@R.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    unit = torch.nn.functional.normalize(torch.from_numpy(feature).double().to(device), dim=1)
    label = torch.from_numpy(expression).to(device)
    is_query, is_gallery = (torch.from_numpy(rows).to(device) for rows in _roles(role, len(feature)))
    gallery, gallery_label = unit[is_gallery], label[is_gallery]
    own = is_gallery.cumsum(0) - 1  # place of a row in the gallery
    later = torch.linspace(0, 1e-10, len(gallery), dtype=torch.float64, device=device)
    parts = []
    for rows in is_query.nonzero()[:, 0].split(CHUNK):
        similarity = (unit[rows] @ gallery.T).round(decimals=9) - later
        same = label[rows, None] == gallery_label
        both = is_gallery[rows].nonzero()[:, 0]
        similarity[both, own[rows[both]]] = -torch.inf
        same[both, own[rows[both]]] = False
        parts.append(_found(similarity, same).cpu().numpy())
    return np.concatenate([np.empty((0, 3)), *parts]).view(QUERY)[:, 0]


def recall_at(queries: np.ndarray, k: int) -> float:
    """Recall@K: share of queries with at least one image of their class among the k nearest, in [0, 1].

    Args:
        queries: of `search`.
        k: number of nearest images that are looked at.

    Source: Lin 2021, section 4.2.

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.retrieval import recall_at, search
        >>> feature = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.8, 0.4]])
        >>> queries = search(feature, expression=np.array([0, 0, 1, 1]))
        >>> float(recall_at(queries, k=1))
        0.75
    """
    return float((queries["rank"] <= k).mean())


def r_precision(queries: np.ndarray) -> float:
    """R-precision: mean over queries of the share of right images among the R nearest, in [0, 1].

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.retrieval import r_precision, search
        >>> feature = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.8, 0.4]])
        >>> queries = search(feature, expression=np.array([0, 0, 1, 1]))
        >>> float(r_precision(queries))
        0.75
    """
    return float(queries["r_precision"].mean())


def map_at_r(queries: np.ndarray) -> float:
    """Mean average precision at R, in [0, 1].

    Examples:
        >>> import numpy as np
        >>> from fercli.metrics.retrieval import map_at_r, search
        >>> feature = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.8, 0.4]])
        >>> queries = search(feature, expression=np.array([0, 0, 1, 1]))
        >>> float(map_at_r(queries))
        0.75
    """
    return float(queries["average_precision"].mean())


def _roles(role: np.ndarray | None, num_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are queries, and which are in the gallery; (num_rows,) bool each."""
    if role is None or all(value is None for value in role):
        return np.ones(num_rows, dtype=bool), np.ones(num_rows, dtype=bool)
    query, gallery = role == "query", role == "gallery"
    if not ((query | gallery).all() and query.any() and gallery.any()):
        raise DataError(
            f"expected every row to be a query or in the gallery, found {query.sum()} and {gallery.sum()} "
            f"among {num_rows} rows"
        )
    return query, gallery


def _found(similarity: Tensor, same: Tensor) -> Tensor:
    """(b, 3) float64 in the order of QUERY, from similarities (b, m) and whether the classes agree."""
    num_same = same.sum(1)
    nearest = similarity.masked_fill(~same, -torch.inf).amax(1, keepdim=True)
    rank = torch.where(num_same > 0, 1.0 + (similarity > nearest).sum(1), torch.inf)
    places = torch.arange(1, int(num_same.amax()) + 1, device=same.device)
    right = same.gather(1, similarity.topk(len(places)).indices) & (places <= num_same[:, None])
    precision = right.cumsum(1) / places.double()
    total = num_same.clamp(min=1).double()
    return torch.stack([rank, right.sum(1) / total, (precision * right).sum(1) / total], dim=1)
