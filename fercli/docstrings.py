"""What the docstring of a class or function says of its arguments, read from the source without importing it."""

import ast
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

ROOT = Path(str(files("fercli")))
ARGUMENT = re.compile(r"\*{0,2}(\w+)(?: \([^)]*\))?: (.*)")


def arguments(name: str) -> dict[str, str]:
    """Return the meaning of each argument of a class or function of fercli; nothing for other names.

    Args:
        name: dotted name, such as `fercli.losses.dda.DDALoss`.
    """
    module, _, own = name.rpartition(".")
    return _section(_docstrings(module).get(own, ""))


@cache
def _docstrings(module: str) -> dict[str, str]:
    """Return the docstrings of the classes and functions of a module.

    Those of `__init__` and of base classes go with that of a class.
    """
    path = ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")
    if not module.startswith("fercli.") or not path.is_file():
        return {}
    body = ast.parse(path.read_text()).body
    imported = {alias.asname or alias.name: node.module or "" for node in body if isinstance(node, ast.ImportFrom)
                for alias in node.names}  # fmt: skip
    found: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            within = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
            texts = [ast.get_docstring(part) or "" for part in (node, *within)]
            bases = [base.id for base in getattr(node, "bases", []) if isinstance(base, ast.Name)]
            texts += [found.get(base) or _docstrings(imported.get(base, "")).get(base, "") for base in bases]
            found[node.name] = "\n".join(texts)
    return found


def _section(docstring: str) -> dict[str, str]:
    """Return the entries below `Args:` and `Attributes:`, each as one line; the first of a name counts."""
    found: dict[str, str] = {}
    inside, last = False, ""
    for line in docstring.splitlines():
        if line.strip() in ("Args:", "Attributes:"):
            inside = True
        elif line and not line.startswith(" "):
            inside = False
        elif inside and (match := ARGUMENT.fullmatch(line[4:])):
            last = "" if match[1] in found else match[1]
            found.setdefault(match[1], match[2])
        elif inside and last and line.startswith("        "):
            found[last] += f" {line.strip()}"
    return found
