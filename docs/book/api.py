"""The pages of the Python interface, from the docstrings of the packages that people extend."""

import ast
from pathlib import Path

from docs.book.markdown import code, table

PACKAGE = Path(__file__).parents[2] / "fercli"
PACKAGES = (
    "losses",
    "heads",
    "samplers",
    "methods",
    "metrics",
    "datasets/readers",
    "graphs",
    "backbones",
    "monitor",
    "ops",
)
MODULES = ("records", "batch", "prediction", "taxonomy", "errors")


def api_pages() -> dict[str, str]:
    """The pages by their path below docs/."""
    made = {f"reference/interface/{folder.replace('/', '-')}.md": _package_page(folder) for folder in PACKAGES}
    made["reference/interface/records.md"] = _page(
        "Records, batches, predictions", "", [PACKAGE / f"{m}.py" for m in MODULES]
    )
    return made


def _package_page(folder: str) -> str:
    files = sorted(path for path in (PACKAGE / folder).glob("*.py") if path.name != "__init__.py")
    return _page(f"fercli.{folder.replace('/', '.')}", summary(PACKAGE / folder / "__init__.py"), files)


def _page(title: str, about: str, files: list[Path]) -> str:
    rows = [(f"[{code(path.stem)}](#{_dotted(path)})", summary(path)) for path in files]
    sections = [f"## {path.stem} {{ #{_dotted(path)} }}\n\n::: {_dotted(path)}" for path in files]
    return "\n\n".join([f"# {title}", about, table(("Module", "What it holds"), rows), *sections]) + "\n"


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def summary(path: Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0]
