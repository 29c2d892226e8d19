"""The page of suspected mislabels: counts by class, and the first of them as images."""

from pathlib import Path

from fercli.figures.suspects import suspects_figures
from fercli.inference.mislabels import Suspects
from fercli.pages.html import write_page
from fercli.pages.parts import Figures, Section
from fercli.tables.table import Table


def write_suspects_page(found: Suspects, table: Table, path: Path) -> None:
    """Write the page with its images: it is for you, not for others, if the data is licensed."""
    images = [Figures([figure]) for figure in suspects_figures(found)]
    sections = [Section("By class", [table]), Section("The most suspicious first", images)]
    write_page(path, f"suspected mislabels of {found.store.name}", sections)
