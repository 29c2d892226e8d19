"""What the shell offers while a command of fercli is typed. It reads yaml files and folder names, nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import typer

Suggestions = Iterator[tuple[str, str]]
PLAIN = re.compile(r"[\w./-]+")  # names of folders with other characters are not offered: a shell reads them
MOST_RUNS = 200


def overrides(ctx: typer.Context, incomplete: str) -> Suggestions:
    """Offer groups, choices and options of the command that is typed."""
    from fercli.catalog import groups

    command = ctx.info_name or ""
    key, sign, value = incomplete.partition("=")
    if sign:
        yield from _values(key, value) if key in groups(command) else ()
    elif "." in key and key.partition(".")[0] in groups(command):
        yield from _options(key.partition(".")[0])
    else:
        from fercli.yaml_options import read

        yield from ((f"{group}=", "") for group in groups(command))
        yield from ((f"{option.key}=", option.comment) for option in read("", command).options)


def _values(group: str, value: str) -> Suggestions:
    """Offer the choices of a group; after `loss=[dda,` those of the next place in the list."""
    from fercli.catalog import describe

    before = value[: max(value.rfind("["), value.rfind(",")) + 1]
    yield from ((f"{group}={before}{name}", about) for name, about in describe(group).items())


def _options(group: str) -> Suggestions:
    from fercli.catalog import choices
    from fercli.yaml_options import read

    found = {option.key: option.comment for name in choices(group) for option in read(group, name).options}
    yield from ((f"{key}=", comment) for key, comment in found.items())


def studies() -> Suggestions:
    """Offer the studies of `fercli ablate`."""
    from fercli.catalog import describe

    yield from describe("study").items()


def explained() -> Suggestions:
    """Offer what `fercli options` explains."""
    from fercli.catalog import COMMANDS, group_names

    yield from ((name, "") for name in (*COMMANDS, *group_names()))


def runs() -> Suggestions:
    """Offer the newest run folders below `runs/`."""
    found = sorted(Path("runs").glob("*/seed*/config.yaml"), key=lambda path: path.stat().st_mtime, reverse=True)
    names = (str(path.parent) for path in found[:MOST_RUNS])
    yield from ((name, "") for name in names if PLAIN.fullmatch(name))
