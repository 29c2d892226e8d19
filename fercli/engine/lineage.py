"""Start a training from the weights of a finished run: fine-tuning on other data, or more epochs on the same."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from fercli.checksums import digest_of
from fercli.engine.identity import parent_of
from fercli.engine.weights import read_checkpoint
from fercli.errors import ConfigError, RunError, reading
from fercli.runs.folder import PUT_BACK, RunFolder

BACKBONE = "backbone."
MOST_NAMED = 5  # tensors that a message names


@dataclass(frozen=True, slots=True)
class Start:
    """Which tensors of a method start from a run.

    Attributes:
        fitting: name to tensor, as the run has it.
        missing: tensors of the method that keep their random start.
        unused: tensors of the run that the method does not take.
    """

    parent: RunFolder
    fitting: dict[str, Tensor]
    missing: list[str]
    unused: list[str]

    @property
    def words(self) -> str:
        """The match in words."""
        total = len(self.fitting) + len(self.missing)
        return (
            f"{len(self.fitting)} of {total} tensors start from {self.parent.path}; left at their random start: "
            f"{_some(self.missing)}; not used: {_some(self.unused)}"
        )

    def document(self) -> dict[str, Any]:
        """Return what `provenance.json` records: the parent, the checksum of its weights, and what was not matched."""
        return {
            "run": str(self.parent.path),
            "run_id": self.parent.run_id,
            "seed": self.parent.path.name.removeprefix("seed"),
            "weights": digest_of(self.parent.weights),
            "tensors": len(self.fitting),
            "not_matched": self.missing,
            "not_used": self.unused,
        }


def start_of(init: str | None, method: nn.Module, classes: Sequence[str]) -> Start | None:
    """Match a method with the run that the option `init` names; None where it names none.

    Tensors match by name and shape. If the run knows other classes, or the same in another order, only the backbone
    is matched: an output of the head would stand for another class.

    Args:
        classes: names of the classes of the new training, in label order.

    Raises:
        RunError: the run is not finished, or damaged.
        ConfigError: fewer than half of the tensors of the backbone match, so it is another network.
    """
    if init is None:
        return None
    parent = parent_of(init)
    with reading(parent.metrics, "the classes of a run", error=RunError, remedy=PUT_BACK):
        same_classes = list(parent.read_metrics()["data"]["classes"]) == list(classes)
    with reading(parent.weights, "the weights of a run", error=RunError, remedy=PUT_BACK):
        state = {str(key): value for key, value in read_checkpoint(parent.weights)["state_dict"].items()}
    own = {key: value for key, value in method.state_dict().items() if isinstance(value, Tensor)}

    def fits(key: str) -> bool:
        return key in own and state[key].shape == own[key].shape and (same_classes or key.startswith(BACKBONE))

    fitting = {key: value for key, value in state.items() if isinstance(value, Tensor) and fits(key)}
    of_backbone = [key for key in own if key.startswith(BACKBONE)]
    matching = [key for key in of_backbone if key in fitting]
    if len(matching) < len(of_backbone) / 2:
        raise ConfigError(
            f"init={init} has another backbone: {len(matching)} of {len(of_backbone)} tensors match; expected "
            f"names such as '{next(iter(of_backbone), 'none')}', found '{next(iter(state), 'none')}'"
        )
    missing = [key for key in own if key not in fitting]
    return Start(parent, fitting, missing, [key for key in state if key not in fitting])


def apply(start: Start, method: nn.Module) -> None:
    """Copy the matching tensors into the method, and warn about those that do not match."""
    method.load_state_dict(start.fitting, strict=False)
    if start.missing or start.unused:
        warnings.warn(f"init: {start.words}", stacklevel=2)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more or "none"
