"""The fields that a loss reads. The parameters of its `forward` carry their names."""

from collections.abc import Callable
from dataclasses import fields
from inspect import Parameter, signature
from typing import Any

from torch import nn

from fercli.batch import LABELS
from fercli.errors import ConfigError, nearest
from fercli.prediction import Prediction

PREDICTED = tuple(f.name for f in fields(Prediction))
CENTERS = "centers"
OF_CLASSES = (CENTERS, "class_vectors")  # (K, dim) or (K, S, dim): rows are classes, not samples
FIELDS = (*PREDICTED, *LABELS, CENTERS)

REMEDY = "list the fields that it takes in the yaml of the loss, in order, such as reads: [feature, expression]"


def fields_of(loss: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the fields that a loss takes, in the order of its parameters.

    A parameter that is keyword-only and has a default is an option of the loss and not a field.

    Args:
        loss: a module, whose `forward` counts, or another callable.

    Raises:
        ConfigError: a parameter is not a field, or Python does not know the parameters.
    """
    if not callable(loss):
        raise ConfigError(f"expected a module or a function as loss, found {loss}")
    name = f"{type(loss).__name__}.forward" if isinstance(loss, nn.Module) else _name(loss)
    try:
        parameters = signature(loss.forward if isinstance(loss, nn.Module) else loss).parameters.values()
    except ValueError:  # a function that is written in C
        raise ConfigError(f"Python does not know the parameters of {name}; {REMEDY}") from None
    found = [p for p in parameters if p.kind is not Parameter.KEYWORD_ONLY or p.default is Parameter.empty]
    for parameter in found:
        _check(name, parameter)
    if not found:
        raise ConfigError(f"{name} takes no field; give it a parameter for each field that the loss reads")
    return tuple(parameter.name for parameter in found)


def _check(name: str, parameter: Parameter) -> None:
    if parameter.name not in FIELDS or parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
        raise ConfigError(
            f"{name} takes '{parameter.name}', which is not a field; rename the parameter, or {REMEDY}; "
            f"{nearest(parameter.name, FIELDS)}"
        )
    if parameter.kind is Parameter.KEYWORD_ONLY:
        raise ConfigError(f"{name} takes '{parameter.name}' by keyword only, but fields are given by position")


def _name(loss: Any) -> str:
    function = getattr(loss, "func", loss)  # of a partial
    return str(getattr(function, "__qualname__", type(function).__name__))
