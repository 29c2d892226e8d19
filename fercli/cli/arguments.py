"""Arguments that several subcommands share."""

from collections.abc import Sequence
from os.path import isfile, join
from pathlib import Path
from typing import Annotated

import typer

from fercli.cli.suggestions import overrides

Overrides = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KEY=VALUE]...",
        help="Hydra overrides: group=choice, key=value.",
        show_default=False,
        autocompletion=overrides,
    ),
]
ConfigDirs = Annotated[
    list[Path] | None,
    typer.Option(
        "--config-dir",
        help="Folder with yaml files of your own, laid out as conf/.",
        exists=True,
        file_okay=False,
        show_default=False,
    ),
]
ShowConfig = Annotated[bool, typer.Option("--cfg", help="Print the composed configuration and stop.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


def expect_figure(path: Path | None) -> None:
    """Check the file of --figure before anything is computed.

    Raises:
        ConfigError: it is no .png or .svg.
    """
    from fercli.errors import ConfigError

    if path is not None and path.suffix not in (".png", ".svg"):
        raise ConfigError(f"expected --figure to end in .png or .svg; found '{path}'")


def expect_one_run(run: str | Path, words: Sequence[str] | None) -> None:
    """Check that no further run stands among the words after a run: a pattern of the shell may match several.

    Raises:
        ConfigError: one of the words is a run folder.
    """
    from fercli.errors import ConfigError

    # isfile: a word may be a sentence, which is longer than the name of any file
    found = [str(run), *(word for word in words or () if word and isfile(join(word, "config.yaml")))]
    if len(found) > 1:
        raise ConfigError(
            f"expected one run; found {len(found)}: {', '.join(found)}. Give the whole name of one: a pattern such as "
            "runs/softmax_*/seed0 stands for all runs that match"
        )
