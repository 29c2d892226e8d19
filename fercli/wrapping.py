"""Lines for a terminal, broken between words: a terminal itself would break them in the middle of a word."""

import os
import re
from typing import IO

from rich.cells import cell_len

LEAST_ROOM = 30  # columns for the words beside a label; with less, they go on below the label
FOLLOWED = "    "  # indents what goes on below a label
NARROWEST = 20  # columns; a terminal that is narrower, or does not say its width, gets the lines as they are
LABEL = re.compile(r" *\S(?:.*\S)?  +(?=\S)")  # `run         ` in the line `run         runs/a/seed0 (new)`
COMMAND = re.compile(r"(?:fercli [a-z]+|sbatch|qsub|bsub) .*(?:=| -)")
WORD = re.compile(r"( *)(\S+)")
SHELL_WORD = re.compile(r"""( *)((?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+|\S+)""")


def width_of(stream: IO[str]) -> int:
    """Return the columns of the terminal that a stream prints to; 0 if it is none."""
    if not stream.isatty():
        return 0
    if (given := os.environ.get("COLUMNS", "")).isdecimal():
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):  # a stream without a file
        return 0


def wrapped(text: str, width: int) -> str:
    r"""Return the text with lines of at most `width` columns, as far as no word is longer.

    Two spaces or more end a label; the words beside it stay beside it. A line that is a command is broken with a
    backslash, so that a shell takes what was copied. A word that is too long, such as a path, keeps a line for itself
    and is left to the terminal: what is copied from there is whole.

    Args:
        text: lines.
        width: 0 for as wide as they are.

    Examples:
        >>> print(wrapped("rows  827 train, 131 validation, 242 test, of faces", 40))
        rows  827 train, 131 validation, 242
              test, of faces
        >>> print(wrapped("fercli train method=softmax store=stores/faces", 40))
        fercli train method=softmax \
            store=stores/faces
    """
    if width < NARROWEST:
        return text
    return "\n".join(line if cell_len(line) <= width else _broken(line, width) for line in text.split("\n"))


def _broken(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    label = found.group() if (found := LABEL.match(line)) else indent
    start = label if COMMAND.match(line, len(label)) else indent
    if COMMAND.match(line, len(start)):
        return _filled(line, SHELL_WORD, width, " " * len(start) + FOLLOWED, " \\")
    beside = cell_len(label) if width - cell_len(label) >= LEAST_ROOM else len(indent + FOLLOWED)
    return _filled(line, WORD, width, " " * (beside if found else len(indent)), "")


def _filled(line: str, words: re.Pattern[str], width: int, hanging: str, end: str) -> str:
    """Fill lines with words; each line but the last ends with `end`, each but the first begins with `hanging`."""
    lines, current = [], ""
    for space, word in words.findall(line):
        if current.strip() and cell_len(current + space + word + end) > width:
            lines.append(current + end)
            current = (hanging if cell_len(hanging + word + end) <= width else FOLLOWED) + word
        else:
            current += space + word
    return "\n".join([*lines, current])
