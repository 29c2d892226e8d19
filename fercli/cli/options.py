"""`fercli options`: every option of the configuration, with its default and its meaning."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fercli.cli.arguments import ConfigDirs, Json
from fercli.cli.suggestions import explained

if TYPE_CHECKING:
    from fercli.yaml_options import Choice

WIDEST_DEFAULT = 24  # columns; a longer default has its explanation below it
LEAST_ROOM = 30  # columns for an explanation; with less, all are below their options


def options(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[COMMAND | GROUP | GROUP=CHOICE]",
            help="train, or trainer, or loss=dda; without it, the groups of all commands.",
            show_default=False,
            autocompletion=explained,
        ),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print a JSON schema of the options of train, for editors of yaml.")
    ] = False,
    config_dir: ConfigDirs = None,
    json: Json = False,
) -> None:
    """Explain the options of a command, a group or one choice.

    Each with its default.

    fercli options trainer

    `fercli list` names the choices of each group.
    """
    from fercli.catalog import COMMANDS, CONF

    if schema:
        _print_schema(name, config_dir or [])
        return
    folders = [CONF, *(config_dir or [])]
    names = [name] if name else list(COMMANDS)
    found = [choice for each in names for choice in _choices(each, folders)]
    if json:
        from fercli.cli.printing import print_json

        print_json({"choices": [asdict(choice) for choice in found]})
        return
    for choice in found:
        _print(choice, with_options=name is not None)
    if name is None:
        from fercli.cli.printing import tell

        tell("`fercli options train` explains the options of a command, `fercli options trainer` those of a group")


def _print_schema(name: str | None, folders: list[Path]) -> None:
    import json

    from fercli.cli.printing import print_text
    from fercli.errors import ConfigError
    from fercli.schema import schema

    if name is not None:
        raise ConfigError(f"expected no name with --schema, which describes all options of train; found '{name}'")
    print_text(json.dumps(schema(folders), indent=1, ensure_ascii=False) + "\n")


def _choices(name: str, folders: list[Path]) -> Iterator["Choice"]:
    """Give the choices that a name stands for.

    Raises:
        ConfigError: it stands for none.
    """
    from fercli.catalog import COMMANDS, choices, group_names
    from fercli.errors import ConfigError, choose, printable
    from fercli.yaml_options import read

    group, _, wanted = name.partition("=")
    if name in COMMANDS:
        yield read("", name)
        return
    known = sorted({each for folder in folders for each in group_names(folder)})
    if explained := _explained_by(group, known):
        shown = ", ".join(f"`fercli options {each}`" for each in explained)
        raise ConfigError(f"expected a command or a group; found '{printable(group)}', a part of one: see {shown}")
    choose("command or group", group, [*COMMANDS, *known])
    places = {each: folder for folder in folders for each in choices(group, folder)}
    if wanted:
        choose(group, wanted, list(places))
    for each in [wanted] if wanted else places:
        yield read(group, each, places[each])


def _explained_by(name: str, groups: list[str]) -> list[str]:
    """Return the group, or the commands, that an option such as `crop.margin` or `crop` belongs to; none for others."""
    from fercli.catalog import COMMANDS
    from fercli.yaml_options import read

    first, dot, _ = name.partition(".")
    if first in (*groups, *COMMANDS):
        return [first] if dot else []
    return [each for each in COMMANDS if any(option.key.split(".")[0] == first for option in read("", each).options)]


def _heads(choice: "Choice") -> list[tuple[str, str]]:
    return [(option.key, option.default) for option in choice.options]


def _print(choice: "Choice", with_options: bool) -> None:
    from rich.cells import cell_len

    from fercli.cli.console import Console

    console = Console()
    title = f"{choice.group}={choice.name}" if choice.group else f"fercli {choice.name}"
    console.print(f"{title}  {choice.about}")
    if choice.takes:
        console.print(f"takes {', '.join(choice.takes)}", style="dim")
    if with_options and choice.options:
        keys, defaults = (max(map(cell_len, column)) for column in zip(*_heads(choice), strict=True))
        label = 2 + keys + 2 + min(defaults, WIDEST_DEFAULT) + 2
        for key, default, comment in ((option.key, option.default, option.comment) for option in choice.options):
            beside = f"  {key:<{keys}}  {default}".ljust(label - 2)
            if console.width - label >= LEAST_ROOM and cell_len(beside) < label:
                console.print(f"{beside}  {comment}".rstrip())
            else:
                console.print(f"  {key}  {default}".rstrip() + (f"\n      {comment}" if comment else ""))
    console.print()
