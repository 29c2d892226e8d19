"""The examples in docstrings run and print what they say."""

import doctest
import importlib
import inspect

import pytest

from tests.docs.commands import ROOT

FOLDERS = ("ops", "metrics", "screening", "studies")
MODULES = [
    f"fercli.{folder}.{path.stem}"
    for folder in FOLDERS
    for path in sorted((ROOT / "fercli" / folder).glob("*.py"))
    if ">>> " in path.read_text()
]
# Modules whose public functions all have an example: those that a reader computes with by hand.
COMPLETE = ("fercli.ops.concordance", "fercli.ops.severity", "fercli.metrics.affect", "fercli.metrics.separation")


def test_there_are_examples():
    assert len(MODULES) > 12


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name):
    done = doctest.testmod(importlib.import_module(name))
    assert done.attempted > 0
    assert done.failed == 0


@pytest.mark.parametrize("name", COMPLETE)
def test_every_function_has_an_example(name):
    module = importlib.import_module(name)
    own = [part for part in vars(module).values() if inspect.isfunction(part) and part.__module__ == name]
    assert [
        part.__name__ for part in own if not part.__name__.startswith("_") and ">>> " not in (part.__doc__ or "")
    ] == []
