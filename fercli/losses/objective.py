"""The training objective: a weighted sum of terms, each over the rows that carry the labels it reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from fercli.batch import LABELS, Batch, labelled
from fercli.calls import require_arguments
from fercli.errors import ConfigError, DataError, nearest
from fercli.losses.center import CenterBank, MovesCenters
from fercli.losses.reads import CENTERS, FIELDS, OF_CLASSES, fields_of
from fercli.ops.finite import FiniteCheck
from fercli.ops.gather import gather_rows, has_others
from fercli.ops.pairwise import full_precision
from fercli.prediction import Prediction

Rows = tuple[Tensor, ...]
DIVERGED = (
    "the features of a step are not finite, so the class centers cannot be moved: training has diverged. "
    "Lower optimizer.lr, or use trainer.precision=32-true or bf16-mixed"
)


@runtime_checkable
class Diagnoses(Protocol):
    """A loss that reports values about its batches, which are logged in training."""

    def diagnostics(self) -> Mapping[str, Tensor | float]:
        """Return a value for each name, of the last batch or of all batches so far."""


@dataclass(frozen=True)
class Term:
    """One summand of the objective.

    Attributes:
        loss: takes fields and returns a scalar. A loss of a library or a function will do. A loss that has a
            `center_step` (`MovesCenters`) also moves the centers; its `center_step` takes what its `forward` takes.
        reads: names of fields of Prediction, of label fields of Batch, or `centers` (K, dim), in the order in which the
            loss takes them. Empty: the parameters of the loss carry these names (`fields_of`). A loss that moves
            centers cannot read `class_vectors`.
        weight: a term of weight 0 is left out: it is not computed or logged, and it moves no center.
        rate: factor of the learning rate for the parameters of the loss itself, such as proxies; without effect on a
            loss that has no parameters.
        warmup_epochs: number of epochs at the start in which the term has weight 0 in the sum. It is still computed and
            logged, and it still moves its centers.

    Raises:
        ConfigError: `reads` is empty, and a parameter of the loss is not a field.
    """

    loss: Callable[..., Tensor]
    reads: Sequence[str] = ()
    weight: float = 1.0
    rate: float = 1.0
    warmup_epochs: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "reads", tuple(self.reads or fields_of(self.loss)))  # the way of a frozen dataclass


class Objective(nn.Module):
    """The weighted sum of the terms.

    In training with several processes, each process computes the terms on the rows of all processes. Values, averaged
    gradients and centers are then those of one process with the whole batch. Every process must call `forward` equally
    often. A loss that draws random numbers, as some miners do, draws other numbers in each process: the results then
    differ from those of one process, and gradients are right only in expectation.

    Args:
        terms: terms by name; their unweighted values are logged under these names.
        centers: the class centers, needed when a term reads `centers`.
        global_batch: False: each process computes the terms on its own rows only. With n processes this divides time
            and memory by n, and by n^2 for losses over pairs. Two kinds of terms then differ from those of one
            process: means, if the processes have unequal numbers of rows, and terms that combine rows (pairs,
            correlations, class means). The steps of the centers do not differ.

    Attributes:
        epoch: number of the current epoch, from 0; the training loop sets it.

    Raises:
        ConfigError: no term has a weight other than 0, a rate is not above 0, a term reads a field that does not
            exist, or centers without a bank, or its loss takes another number of fields.
    """

    epoch: int = 0

    def __init__(self, terms: Mapping[str, Term], centers: CenterBank | None = None, global_batch: bool = True):
        super().__init__()
        self.global_batch = global_batch
        self.terms = {name: term for name, term in terms.items() if term.weight != 0}
        self.centers = centers
        self._check(terms)
        # Registered, so that the proxies and class weights of a loss move to the device and reach the optimizer.
        self.losses = nn.ModuleDict({n: t.loss for n, t in self.terms.items() if isinstance(t.loss, nn.Module)})
        self._seen: dict[tuple[str, ...], list[Rows]] = {}
        self._finite_steps = FiniteCheck(DIVERGED)

    def _check(self, terms: Mapping[str, Term]) -> None:
        if not self.terms:
            found = f"{', '.join(terms)}, all of weight 0" if terms else "none"
            raise ConfigError(f"expected a loss term with a weight other than 0, found {found}")
        for name, term in terms.items():
            for field in term.reads:
                if field not in FIELDS:
                    raise ConfigError(f"loss '{name}' reads '{field}', which is not a field; {nearest(field, FIELDS)}")
            if CENTERS in term.reads and self.centers is None:
                raise ConfigError(
                    f"loss '{name}' reads the class centers, but there are none; "
                    "add center_bank=he, or center_bank=subclass for a loss with several centers per class"
                )
            forward = term.loss.forward if isinstance(term.loss, nn.Module) else term.loss
            require_arguments(forward, term.reads, f"loss '{name}'")
            if not term.rate > 0:
                raise ConfigError(f"expected loss.{name}.rate, a factor of optimizer.lr, above 0; found {term.rate}")

    @property
    def reads(self) -> frozenset[str]:
        """Names of the fields that the terms read."""
        return frozenset(field for term in self.terms.values() for field in term.reads)

    @property
    def _moving(self) -> dict[str, Term]:
        return {name: term for name, term in self.terms.items() if isinstance(term.loss, MovesCenters)}

    def forward(self, prediction: Prediction, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the objective, and the unweighted value of each term, detached.

        A term without a labelled row adds a zero that stays in the graph, so that every rank has every gradient.

        Raises:
            DataError: a term reads a field that the data or the method lack.
            ConfigError: a loss gives something else than one number, or no loss has a gradient.
        """
        fields = self._fields(prediction, batch)
        of_classes = {name: fields.pop(name) for name in OF_CLASSES if name in fields}
        if self.training and self.global_batch and has_others():
            fields = dict(zip(fields, gather_rows([*fields.values()]), strict=True))
            known = {name: labelled(fields[name]).cpu() for name in fields if name in LABELS}
        else:
            known = {name: batch.has_label(name) for name in fields if name in LABELS}
        rows = {names: _labelled_rows(names, fields, known) for names in map(_row_fields, self.terms.values())}
        if self.training:
            for key in {_row_fields(term) for term in self._moving.values()}:
                self._seen.setdefault(key, []).append(tuple(value.detach() for value in rows[key]))
        total = torch.zeros((), device=prediction.feature.device)
        values = {}
        for name, term in self.terms.items():
            values[name] = self._value(name, term, rows[_row_fields(term)], of_classes)
            # Multiplied by 0 instead of left out, so that every rank has every gradient.
            weight = term.weight if self.epoch >= term.warmup_epochs else 0.0
            total = total + weight * values[name]
        read = [value for term in self.terms.values() for value in rows[_row_fields(term)]]
        if torch.is_grad_enabled() and not total.requires_grad and any(value.requires_grad for value in read):
            raise ConfigError(
                f"expected a loss with a gradient, found none in {', '.join(values)}: compute it from the fields with "
                "operations of torch alone, without detach() and item()"
            )
        return total, {name: value.detach() for name, value in values.items()}

    def _fields(self, prediction: Prediction, batch: Batch) -> dict[str, Tensor]:
        """Return all fields that the terms read, each once."""
        found: dict[str, Tensor] = {}
        for name, term in self.terms.items():
            for field in term.reads:
                if field == CENTERS:
                    found[field] = self.centers.centers  # type: ignore[union-attr]
                    continue
                value = getattr(batch if field in LABELS else prediction, field)
                if value is None:
                    origin = "the data set does not give" if field in LABELS else "the method does not produce"
                    raise DataError(f"loss '{name}' reads '{field}', which {origin}; leave it out with ~loss.{name}")
                found[field] = value
        return found

    def _value(self, name: str, term: Term, rows: Rows, of_classes: Mapping[str, Tensor]) -> Tensor:
        if rows and not len(rows[0]):
            own = term.loss.parameters() if isinstance(term.loss, nn.Module) else ()
            reached = [*own, *(value for value in rows if value.is_floating_point())]
            return sum((0 * value.sum() for value in reached), torch.zeros(()))
        value = term.loss(*_arguments(term, rows, of_classes))
        if not isinstance(value, Tensor) or value.dim():
            found = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
            raise ConfigError(
                f"expected loss '{name}' to give one number, a tensor without dimensions, such as the mean over its "
                f"rows; found {found}"
            )
        return value

    def diagnostics(self) -> dict[str, Tensor]:
        """Return the values that the losses report: `<term>_<name>` to one number, on the device of the loss.

        Raises:
            ConfigError: a value is not a number.
        """
        found = {}
        for name, loss in self.losses.items():
            for note, value in loss.diagnostics().items() if isinstance(loss, Diagnoses) else ():
                number = torch.tensor(float(value)) if isinstance(value, int | float) else value
                if not isinstance(number, Tensor) or number.numel() != 1 or number.is_complex():
                    raise ConfigError(
                        f"expected diagnostics() of loss '{name}' to give one number for each name; found {note}: "
                        f"{type(value).__name__}"
                    )
                found[f"{name}_{note}"] = number.detach().float().reshape(())
        return found

    @torch.no_grad()
    def step_centers(self) -> None:
        """Move the centers once, by the rows of all ranks from every training forward pass since the last call.

        Call it on every rank after the optimizer's step. The centers do not move between two calls. All micro-batches
        of an accumulated step therefore see the same centers, and the update is that of one process with the whole
        batch. A step that is not finite moves no center.

        Raises:
            RunError: this step or an earlier one was not finite. This is checked once in `STEPS_BETWEEN_CHECKS` steps.
        """
        if not self._moving:
            return
        assert self.centers is not None
        assert self._seen, "step_centers follows a forward pass in training"
        seen = {}
        for names, batches in sorted(self._seen.items()):
            columns = tuple(torch.cat(values) for values in zip(*batches, strict=True))
            seen[names] = columns if self.global_batch else gather_rows(columns)
        self._seen.clear()
        delta = torch.zeros_like(self.centers.centers)
        for term in self._moving.values():
            rows = seen[_row_fields(term)]
            if not rows or len(rows[0]):
                arguments = _arguments(term, rows, {CENTERS: self.centers.centers})
                delta = delta + term.loss.center_step(*arguments)  # type: ignore[attr-defined]
        finite = delta.isfinite().all()
        self.centers.step(torch.where(finite, delta, 0))
        self._finite_steps.see(finite)

    def require_finite(self) -> None:
        """Make sure that every step of the centers so far was finite; this waits for the device.

        Raises:
            RunError: one was not.
        """
        self._finite_steps.require()


def _row_fields(term: Term) -> tuple[str, ...]:
    return tuple(field for field in term.reads if field not in OF_CLASSES)


def _arguments(term: Term, rows: Rows, of_classes: Mapping[str, Tensor]) -> list[Tensor]:
    # Widened, because losses of pytorch-metric-learning cast their proxies to the precision of the features for good.
    wide = [full_precision(value) if value.is_floating_point() else value for value in rows]
    values = {**of_classes, **dict(zip(_row_fields(term), wide, strict=True))}
    return [values[field] for field in term.reads]


def _labelled_rows(names: tuple[str, ...], fields: Mapping[str, Tensor], known: Mapping[str, Tensor]) -> Rows:
    """Return the fields of these names, for the rows that have every label among them.

    Args:
        known: label field to (B,) bool on the host: which rows carry the label. A selection by a mask on the device
            would wait for the number of rows.
    """
    values = tuple(fields[name] for name in names)
    masks = [known[name] for name in names if name in known]
    if not masks or (keep := torch.stack(masks).all(0)).all():
        return values
    rows = keep.nonzero().squeeze(1).to(values[0].device, non_blocking=True)
    return tuple(value[rows] for value in values)
