import pytest
import torch

from fercli.errors import RunError
from fercli.ops.finite import STEPS_BETWEEN_CHECKS, FiniteCheck


def test_a_value_of_one_step_is_told_some_steps_later_and_from_then_on():
    check = FiniteCheck("gone")
    for number in range(1, STEPS_BETWEEN_CHECKS):
        check.see(torch.tensor(number != 3))
    with pytest.raises(RunError, match="gone"):
        check.see(torch.tensor(True))
    with pytest.raises(RunError, match="gone"):
        check.require()


def test_finite_values_pass():
    check = FiniteCheck("gone")
    check.require()
    for _ in range(2 * STEPS_BETWEEN_CHECKS):
        check.see(torch.tensor(True))
    check.require()
