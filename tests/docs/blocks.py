"""The code blocks of a page, and how each of them is tested.

The language of a block, or a comment on the line before it, declares the kind:

- `console`: each command after `$ ` runs on drawn data, made short by the options of `commands.small`;
  `<!-- run: key=value -->` adds more of them.
- `<!-- compose -->` before `console`: the data is licensed. Options are composed or parsed; nothing is read.
- `<!-- by hand: reason -->`: is not tested, for the reason given. It may not hold a command of fercli.
- `python` runs in the order of the page; `yaml` is loaded.
- `title="name"` after the language: the text is written to that file, for the commands that follow.
- `text`: what a command prints, or a tree of files.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<language>[\w-]*)[ ]*(?P<info>[^`\n]*)$")
DECLARED = re.compile(r"^\s*<!-- (?P<kind>run|compose|by hand)(?:: (?P<words>.*?))? -->$")
TITLE = re.compile(r'title="([^"]+)"')
BY_LANGUAGE = {"console": "run", "python": "python", "yaml": "yaml", "text": "text"}


@dataclass(frozen=True)
class Block:
    """A block: where it stands, its language, what is done with it (None: undeclared), and what the comment adds."""

    place: str
    language: str
    kind: str | None
    words: str
    title: str
    text: str


def blocks(path: Path) -> list[Block]:
    """All fenced blocks of a page."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found, number = [], 0
    while number < len(lines):
        opened = FENCE.match(lines[number])
        if not opened:
            number += 1
            continue
        last = number + 1
        while lines[last].strip() != opened["ticks"]:
            last += 1
        inside = [line.removeprefix(opened["indent"]) for line in lines[number + 1 : last]]
        above = DECLARED.match(lines[number - 1]) if number else None
        found.append(_block(f"{path.name}:{number + 1}", opened, above, "\n".join(inside) + "\n"))
        number = last + 1
    return found


def _block(place: str, opened: re.Match, above: re.Match | None, text: str) -> Block:
    language = opened["language"]
    title = TITLE.search(opened["info"])
    kind = above["kind"] if above else "file" if title else BY_LANGUAGE.get(language)
    return Block(place, language, kind, (above["words"] or "") if above else "", title[1] if title else "", text)


def commands(text: str) -> list[str]:
    """The lines after `$ `; a backslash at the end of a line continues it. Other lines are output."""
    joined = text.replace("\\\n", " ").splitlines()
    return [line.strip().removeprefix("$ ") for line in joined if line.strip().startswith("$ ")]
