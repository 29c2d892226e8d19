"""The pages that are wholly generated."""

from book.api import api_pages
from book.commands import command_page, commands
from book.options import COMMANDS, catalogue, group_names, group_page, root_page, study_page


def pages() -> dict[str, str]:
    """Path below docs/ and Markdown of each page."""
    made = {"reference/catalogue.md": catalogue()}
    for name in commands():
        made[f"reference/commands/{name}.md"] = command_page(name)
    for name in COMMANDS:
        made[f"reference/options/{name}.md"] = root_page(name)
    for group in group_names():
        made[f"reference/groups/{group}.md"] = study_page() if group == "study" else group_page(group)
    return made | api_pages()
