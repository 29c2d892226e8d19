"""A table of the pages of a folder, so that a new page needs no entry in its index."""

from pathlib import Path

from docs.book.markdown import table

DOCS = Path(__file__).parents[1]


def page_list(folder: str) -> str:
    """Title and first paragraph of each page of a folder but its index, by title."""
    lines = {page.name: page.read_text(encoding="utf-8").split("\n") for page in (DOCS / folder).glob("*.md")}
    found = ((text[0].removeprefix("# "), name, text[2]) for name, text in lines.items() if name != "index.md")
    pages = sorted(found, key=lambda page: page[0].casefold())
    return table(("page", "what it is about"), [(f"[{title}]({name})", first) for title, name, first in pages])
