"""Notice that a training has diverged, without a wait for the device in each step."""

import torch
from torch import Tensor

from fercli.errors import RunError

STEPS_BETWEEN_CHECKS = 50  # each check waits for the device


class FiniteCheck:
    """Remember on the device whether a value of any step was not finite, and ask for it once in a number of steps.

    Args:
        message: of the error.
    """

    def __init__(self, message: str):
        self.message = message
        self._num_steps = 0
        self._diverged: Tensor | None = None

    def see(self, finite: Tensor) -> None:
        """Take a bool of one step, on the device: whether its value is finite.

        Raises:
            RunError: in every `STEPS_BETWEEN_CHECKS`-th step, if a value so far was not finite.
        """
        diverged = finite.detach().logical_not()
        self._diverged = diverged if self._diverged is None else self._diverged | diverged
        self._num_steps += 1
        if self._num_steps % STEPS_BETWEEN_CHECKS == 0:
            self.require()

    def require(self) -> None:
        """Make sure that the values of all steps so far were finite; this waits for the device.

        Raises:
            RunError: one was not.
        """
        if self._diverged is not None and torch.any(self._diverged):
            raise RunError(self.message)
