"""`fercli pack`: one file with all that is needed to check a run or a study, and to repeat it."""

from pathlib import Path
from typing import Annotated

import typer

from fercli.cli.arguments import Json


def pack(
    path: Annotated[
        Path,
        typer.Argument(help="Run folder, folder of its seeds, or runs/studies/<study>.", exists=True, file_okay=False),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", help="File to write; else <name>.zip here.", show_default=False)
    ] = None,
    weights: Annotated[bool, typer.Option("--weights", help="Pack the trained weights as well.")] = False,
    json: Json = False,
) -> None:
    """Pack a run, its seeds, or a study into one file for a paper.

    It holds the configuration, the versions of all packages, the origin, the predictions and the checksums. It holds no
    image and no note. Equal runs give equal bytes.

    fercli pack runs/studies/dda_dacl_table_3_1 --output paper.zip

    fercli verify reads it, and fercli reproduce trains it again.
    """
    from fercli.cli.printing import print_json, say
    from fercli.cli.run_listing import in_bytes
    from fercli.errors import RunError
    from fercli.runs.pack import pack as write_pack
    from fercli.runs.pack import pack_name

    target = output or Path(pack_name(path))
    if target.exists():
        raise RunError(f"{target} already exists; delete it, or give another --output")
    files = write_pack(path, target, weights=weights)
    if json:
        print_json({"pack": str(target), "bytes": target.stat().st_size, "files": files})
        return
    say(f"{len(files)} files, {in_bytes(target.stat().st_size)}{'' if weights else '; weights are left out'}")
    print(target)
