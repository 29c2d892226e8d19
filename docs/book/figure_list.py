"""The figures that fercli draws of a run and of a study, read from the modules that draw them."""

import ast
import inspect
from collections.abc import Iterator
from typing import Any, get_args

from docs.book.api import PACKAGE
from docs.book.markdown import code, table
from fercli.charts import Chart
from fercli.figures import classes
from fercli.figures.needs import Needs
from fercli.figures.run import SECTIONS
from fercli.figures.study import MODULES

ABOUT = """# Figures

The figures on the page of a run or of a study. Each is also a PNG file in the folder `figures` of the run or study.
A `*` in the name of the file stands for a number or a name. fercli draws those that the labels and predictions allow.
To add one, see [draw a figure of your own](../how-to/own-figure.md)."""


def figure_page() -> str:
    """The figures of a run by section of its page, then those of a study."""
    sections = [f"### {title}\n\n" + _table(modules, "of_run") for title, modules in SECTIONS.items()]
    of_study = _table((classes, *MODULES), "of_study")
    return "\n\n".join([ABOUT, "## Of a run", _needs(), *sections, "## Of a study", of_study]) + "\n"


def _needs() -> str:
    rows = [(code(one.name), one.value, _of_others(one)) for one in Needs]
    return table(("needs", "what must be there", "drawn of predictions of others"), rows)


def _of_others(needs: Needs) -> str:
    met = [needs.met_by({"external": {"kind": kind}}) for kind in ("probabilities", "class")]
    return {(True, True): "yes", (True, False): "where they have probabilities"}.get((met[0], met[1]), "no")


def _table(modules: tuple[Any, ...], start: str) -> str:
    of_run = start == "of_run"
    rows = []
    for module in modules:
        names = ", ".join(map(code, dict.fromkeys(file_names(inspect.getsource(module), start))))
        about = (module.__doc__ or "").partition("\n")[0]
        rows.append((names, about, *([code(module.NEEDS.name)] if of_run else [])))
    return table(("files", "what they show", *(["needs"] if of_run else [])), rows)


def file_names(source: str, start: str) -> Iterator[str]:
    """Names of the figures that a function of a module makes, itself or by other functions of the module."""
    functions = {part.name: part for part in ast.parse(source).body if isinstance(part, ast.FunctionDef)}
    reached, waiting = set(), [start]
    while waiting:
        name = waiting.pop(0)
        if name in reached or name not in functions:
            continue
        reached.add(name)
        parts = list(ast.walk(functions[name]))
        waiting += [part.id for part in parts if isinstance(part, ast.Name)]
        for part in parts:
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "NamedFigure":
                yield from _names(part.args[0], parts)


def _names(value: ast.expr, parts: list[ast.AST]) -> Iterator[str]:
    """The texts that an expression may have; `parts` are those of its function."""
    if isinstance(value, ast.Constant):
        yield str(value.value)
    elif isinstance(value, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in value.values)
    elif isinstance(value, ast.IfExp):
        yield from (name for branch in (value.body, value.orelse) for name in _names(branch, parts))
    elif isinstance(value, ast.Name):
        for part in parts:
            if isinstance(part, ast.Assign) and value.id in {getattr(name, "id", "") for name in part.targets}:
                yield from _names(part.value, parts)
    else:
        yield from chart_names()


def chart_names() -> Iterator[str]:
    """Names of the charts that losses offer."""
    kinds = {kind.__name__ for kind in get_args(Chart)}
    for path in sorted((PACKAGE / "losses").glob("*.py")):
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in kinds:
                yield from _names(part.args[0], [])
