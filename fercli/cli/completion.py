"""`fercli completion`: what a shell needs to complete commands, groups, choices, options, studies and runs."""

from importlib.resources import files
from typing import Annotated, Literal

import typer


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="The shell that completes.")],
) -> None:
    """Print the script with which a shell completes fercli.

    \b
    eval "$(fercli completion bash)"      in ~/.bashrc
    eval "$(fercli completion zsh)"       in ~/.zshrc, after compinit
    fercli completion fish | source       in ~/.config/fish/config.fish
    """
    print((files("fercli.cli") / "completions" / f"fercli.{shell}").read_text(), end="")
