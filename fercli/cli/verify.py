"""`fercli verify`: check that stores, runs and studies have not changed since they were finished."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from fercli.cli.arguments import Json


def verify(
    paths: Annotated[
        list[Path], typer.Argument(help="Stores, runs, studies, folders of these, or packs.", exists=True)
    ],
    trust_config: Annotated[
        bool, typer.Option("--trust-config", help="A run's configuration may build metrics of other packages.")
    ] = False,
    json: Json = False,
) -> None:
    """Check all files by their sums, and metrics by predictions.

    Every file is compared with its checksum, and every metric with what the predictions give.

    fercli verify runs stores/ferplus paper.zip

    The exit status is 1 where anything is not sound.
    """
    from fercli.studies.finding import is_sound
    from fercli.studies.verify import verify as findings_of

    findings = [finding for path in paths for finding in findings_of(path, trust=trust_config)]
    sound = all(map(is_sound, findings))
    if json:
        from json import dumps

        rows = [{"path": str(one.path), "state": one.state, "detail": one.detail} for one in findings]
        print(dumps({"sound": sound, "files": rows}, indent=2))
    else:
        from fercli.cli.console import Console

        console = Console()
        for one in findings:
            if one.state not in ("sound", "not packed"):
                console.print(f"{one.state}: {one.path}: {one.detail}")
        counts = Counter(one.state for one in findings)
        console.print(", ".join(f"{number:,} {state}" for state, number in counts.most_common()))
    if not sound:
        raise typer.Exit(1)
