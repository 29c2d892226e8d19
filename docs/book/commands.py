"""The page of each command, from the command line program itself."""

from functools import cache
from typing import Any

import typer

from docs.book.markdown import code, table
from fercli.cli.app import app

HELP = ("`-h, --help`", "Show the help.")


@cache
def commands() -> dict[str, Any]:
    """The commands of fercli by name, built once for all pages."""
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def command_page(name: str) -> str:
    """One command: what it does, its arguments and its options; a section for each command inside it."""
    command = commands()[name]
    inside = getattr(command, "commands", {})
    if not inside:
        return _command(f"fercli {name}", command, "#")
    parts = [f"# fercli {name}\n\n{command.help}\n"]
    return "\n".join([*parts, *(_command(f"fercli {name} {word}", part, "##") for word, part in inside.items())])


def _command(words: str, command: Any, level: str) -> str:
    context = command.make_context(words, [], resilient_parsing=True)
    parts = [f"{level} {words}", _help(command.help or ""), f"```text\n{command.get_usage(context)}\n```"]
    records = {
        kind: [part.get_help_record(context) for part in command.params if part.param_type_name == kind]
        for kind in ("argument", "option")
    }
    shown = {kind: [(code(names), text) for names, text in filter(None, rows)] for kind, rows in records.items()}
    if shown["argument"]:
        parts.append(table(("Argument", "Meaning"), shown["argument"]))
    parts.append(table(("Option", "Meaning"), [*shown["option"], HELP]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _help(text: str) -> str:
    """The help of a command; its paragraphs that are commands, as code."""
    paragraphs = [part.strip() for part in text.replace("\b", "").split("\n\n")]
    return "\n\n".join(_prompted(part) if part.startswith("fercli ") else part for part in paragraphs)


def _prompted(paragraph: str) -> str:
    return "\n".join(["```console", *(f"$ {line}" for line in paragraph.splitlines()), "```"])
