"""The terminal as every command writes to it: text of data is shown, and never obeyed."""

from typing import Any

from rich.console import Console as RichConsole
from rich.text import Text

from fercli.errors import printable_lines


class Console(RichConsole):
    """A console that takes no markup, no emoji codes and no control characters from the text that it prints.

    Classes, files and runs have names that somebody else chose: `[/b]` must not end a command, nor an escape sequence
    move the cursor.
    """

    def __init__(self, *, stderr: bool = False, soft_wrap: bool = False) -> None:
        super().__init__(stderr=stderr, soft_wrap=soft_wrap, highlight=False, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as what is printed of it."""
        return super().render_str(printable_lines(text), **options)
