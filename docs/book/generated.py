"""The pages that are wholly generated."""

from docs.book.api import api_pages
from docs.book.commands import command_page, commands
from docs.book.figure_list import figure_page
from docs.book.options import catalogue, group_page, root_page, study_page
from docs.book.outside import outside_pages
from fercli.catalog import COMMANDS, group_names


def pages() -> dict[str, str | bytes]:
    """Path below docs/ and content of each page, and of each image that a page from outside docs/ shows."""
    made: dict[str, str | bytes] = {"reference/catalogue.md": catalogue(), "reference/figures.md": figure_page()}
    for name in commands():
        made[f"reference/commands/{name}.md"] = command_page(name)
    for name in COMMANDS:
        made[f"reference/options/{name}.md"] = root_page(name)
    for group in group_names():
        made[f"reference/groups/{group}.md"] = study_page() if group == "study" else group_page(group)
    return made | api_pages() | outside_pages()
