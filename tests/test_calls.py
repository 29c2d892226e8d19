import pytest

from fercli.calls import require_arguments
from fercli.errors import ConfigError


def of_two(logits, expression, *, scale=1):
    return scale


def test_a_function_that_fits_is_let_through():
    assert require_arguments(of_two, ["logits", "expression"], "loss 'own'") is None
    assert require_arguments(of_two, ["logits", "expression"], "loss 'own'", scale=2) is None
    assert require_arguments(lambda *fields: 0, ["a", "b", "c"], "loss 'own'") is None


@pytest.mark.parametrize("reads", [["logits"], ["logits", "expression", "feature"]])
def test_another_number_of_arguments_is_one_message(reads):
    with pytest.raises(
        ConfigError, match=r"^loss 'own' reads logits.*takes \(logits, expression, scale\): .* in reads"
    ):
        require_arguments(of_two, reads, "loss 'own'")


def test_a_function_without_a_signature_is_not_checked():
    assert require_arguments(max, ["a"], "loss 'own'") is None
