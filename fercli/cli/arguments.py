"""Arguments that several subcommands share."""

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
