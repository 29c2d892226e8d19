"""The training objective: a weighted sum of terms, each over the rows that carry the labels it reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from fercli.batch import Batch, labelled
from fercli.errors import ConfigError, DataError, RunError, nearest
from fercli.losses.center import CenterBank, MovesCenters
from fercli.ops.pairwise import full_precision
from fercli.prediction import Prediction

PREDICTED = tuple(f.name for f in fields(Prediction))
LABELS = tuple(f.name for f in fields(Batch) if f.name not in ("id", "image", "context", "video", "role"))
CENTERS = "centers"

Rows = tuple[Tensor, ...]


@runtime_checkable
class Diagnoses(Protocol):
    """A loss that knows something about its batches which the person who trains should see."""

    def diagnostics(self) -> Mapping[str, float]:
        """Name to value, of the last batch or of all since the beginning."""


@dataclass(frozen=True)
class Term:
    """One summand of the objective.

    Attributes:
        loss: called with the fields in the order of `reads`, gives a scalar; a library's loss or a function will do.
            One that has a `center_step` as well (`MovesCenters`) moves the centers.
        reads: names of fields of Prediction, of label fields of Batch, or `centers` (K, dim).
        weight: a term of weight 0 is left out altogether: not computed, not logged, and moving no center.
    """

    loss: Callable[..., Tensor]
    reads: Sequence[str]
    weight: float = 1.0


class Objective(nn.Module):
    """The weighted sum of the terms.

    Args:
        terms: by name, under which their unweighted values are logged.
        centers: the class centers, needed when a term reads `centers`.

    Raises:
        ConfigError: no term has a weight, or one reads a field that does not exist or centers without a bank.
    """

    def __init__(self, terms: Mapping[str, Term], centers: CenterBank | None = None):
        super().__init__()
        self.terms = {name: term for name, term in terms.items() if term.weight != 0}
        self.centers = centers
        self._check(terms)
        # Registered, so that the proxies and class weights of a loss move to the device and reach the optimizer.
        self.losses = nn.ModuleDict({n: t.loss for n, t in self.terms.items() if isinstance(t.loss, nn.Module)})
        self._seen: dict[tuple[str, ...], list[Rows]] = {}

    def _check(self, terms: Mapping[str, Term]) -> None:
        if not self.terms:
            found = f"{', '.join(terms)}, all of weight 0" if terms else "none"
            raise ConfigError(f"expected a loss term with a weight other than 0, found {found}")
        choices = (*PREDICTED, *LABELS, CENTERS)
        for name, term in terms.items():
            for field in term.reads:
                if field not in choices:
                    raise ConfigError(f"loss '{name}' reads '{field}', which is no field; {nearest(field, choices)}")
            if CENTERS in term.reads and self.centers is None:
                raise ConfigError(
                    f"loss '{name}' reads the class centers, but there are none; "
                    "add center_bank=he, or center_bank=subclass for a loss with several centers per class"
                )

    @property
    def _moving(self) -> dict[str, Term]:
        return {name: term for name, term in self.terms.items() if isinstance(term.loss, MovesCenters)}

    def forward(self, prediction: Prediction, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The objective, and the unweighted value of each term, detached.

        A term without one labelled row adds a zero that stays in the graph, so that every rank has every gradient.

        Raises:
            DataError: a term reads a field that the data or the method lack.
        """
        rows: dict[tuple[str, ...], Rows] = {}
        for name, term in self.terms.items():
            if _row_fields(term) not in rows:
                rows[_row_fields(term)] = self._select(name, term, prediction, batch)
        if self.training:
            for key in {_row_fields(term) for term in self._moving.values()}:
                self._seen.setdefault(key, []).append(tuple(value.detach() for value in rows[key]))
        total = torch.zeros((), device=prediction.feature.device)
        values = {}
        for name, term in self.terms.items():
            values[name] = self._value(term, rows[_row_fields(term)])
            total = total + term.weight * values[name]
        return total, {name: value.detach() for name, value in values.items()}

    def _select(self, name: str, term: Term, prediction: Prediction, batch: Batch) -> Rows:
        values = {}
        for field in _row_fields(term):
            value = getattr(batch if field in LABELS else prediction, field)
            if value is None:
                origin = "the data set does not give" if field in LABELS else "the method does not produce"
                raise DataError(f"loss '{name}' reads '{field}', which {origin}; leave it out with ~loss.{name}")
            values[field] = value
        known = [labelled(value) for field, value in values.items() if field in LABELS]
        if not known:
            return tuple(values.values())
        keep = torch.stack(known).all(0)
        return tuple(value[keep] for value in values.values())

    def _value(self, term: Term, rows: Rows) -> Tensor:
        if rows and not len(rows[0]):
            own = term.loss.parameters() if isinstance(term.loss, nn.Module) else ()
            reached = [*own, *(value for value in rows if value.is_floating_point())]
            return sum((0 * value.sum() for value in reached), torch.zeros(()))
        return term.loss(*self._arguments(term, rows))

    def _arguments(self, term: Term, rows: Rows) -> list[Tensor]:
        # Widened, because losses of pytorch-metric-learning give their proxies the precision of the features, for good.
        wide = [full_precision(value) if value.is_floating_point() else value for value in rows]
        values = dict(zip(_row_fields(term), wide, strict=True))
        return [self.centers.centers if field == CENTERS else values[field] for field in term.reads]  # type: ignore[union-attr]

    @torch.no_grad()
    def step_centers(self) -> None:
        """Move the centers once, by the rows of every forward pass in training since the last call, on every rank.

        To be called after the optimizer's step. The centers stand still between two calls, so all micro-batches of
        an accumulated step see the same ones, and the update is that of one process with the whole batch.

        Raises:
            RunError: the step is not finite.
        """
        if not self._moving:
            return
        assert self.centers is not None
        assert self._seen, "step_centers follows a forward pass in training"
        seen = {key: _gather(batches) for key, batches in sorted(self._seen.items())}
        self._seen.clear()
        delta = torch.zeros_like(self.centers.centers)
        for term in self._moving.values():
            rows = seen[_row_fields(term)]
            if not rows or len(rows[0]):
                delta = delta + term.loss.center_step(*self._arguments(term, rows))  # type: ignore[attr-defined]
        if not delta.isfinite().all():
            raise RunError(
                "the features of this step are not finite, so the class centers cannot be moved: training has "
                "diverged. Lower optimizer.lr, or use trainer.precision=32-true or bf16-mixed"
            )
        self.centers.step(delta)


def _row_fields(term: Term) -> tuple[str, ...]:
    return tuple(field for field in term.reads if field != CENTERS)


def _gather(batches: list[Rows]) -> Rows:
    """Each field of several batches, concatenated over batches and then over ranks in rank order."""
    columns = [torch.cat(values) for values in zip(*batches, strict=True)]
    if not columns or not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return tuple(columns)
    count = torch.tensor([len(columns[0])], device=columns[0].device)
    counts = [int(number) for number in _all_gather(count)]
    return tuple(_over_ranks(column, counts) for column in columns)


def _over_ranks(column: Tensor, counts: list[int]) -> Tensor:
    """The column of every rank, one after the other; gathering needs equal lengths, so shorter ones are padded."""
    padded = column.new_zeros(max(counts), *column.shape[1:])
    padded[: len(column)] = column
    return torch.cat([part[:count] for part, count in zip(_all_gather(padded), counts, strict=True)])


def _all_gather(tensor: Tensor) -> list[Tensor]:
    parts = [torch.empty_like(tensor) for _ in range(torch.distributed.get_world_size())]
    torch.distributed.all_gather(parts, tensor)
    return parts
