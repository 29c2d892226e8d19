"""The console that every command prints to: names from data are shown as text, and never control it."""

from typing import Any

from rich.console import Console as RichConsole
from rich.text import Text

from fercli.errors import printable_lines


class Console(RichConsole):
    """A console that interprets no markup, no emoji codes and no control characters in the text that it prints.

    Other people chose the names of classes, files and runs. `[/b]` in a name must not stop a command, and an escape
    sequence must not move the cursor.
    """

    def __init__(self, *, stderr: bool = False, soft_wrap: bool = False) -> None:
        super().__init__(stderr=stderr, soft_wrap=soft_wrap, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return the printable text of a string."""
        return super().render_str(printable_lines(text), **options)
