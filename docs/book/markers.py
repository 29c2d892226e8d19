"""Markers in pages: `<!-- generate NAME ARGUMENTS -->` becomes what the generator of that name makes."""

import re
import shlex
from collections.abc import Callable

from docs.book.facts import facts_table, label_numbers
from docs.book.options import choice_section
from docs.book.page_list import page_list
from docs.book.published import published_table
from docs.book.rooms import drawing, room_table

MARKER = re.compile(r"^<!-- generate (.*?) -->$", re.MULTILINE)


def options(*choices: str) -> str:
    """The sections of choices, such as `loss/dda`."""
    return "\n\n".join(choice_section(*choice.split("/", 1)) for choice in choices)


GENERATORS: dict[str, Callable[..., str]] = {
    "options": options,
    "facts": facts_table,
    "label-numbers": label_numbers,
    "pages": page_list,
    "published": published_table,
    "rooms": drawing,
    "room-table": room_table,
}


def expand(markdown: str) -> str:
    """Replace the markers of a page.

    Raises:
        ValueError: there is no generator of that name.
    """
    return MARKER.sub(lambda found: _generate(*shlex.split(found[1])), markdown)


def _generate(name: str, *arguments: str) -> str:
    if name not in GENERATORS:
        raise ValueError(f"no generator named '{name}'; there are {', '.join(GENERATORS)}")
    return GENERATORS[name](*arguments)
