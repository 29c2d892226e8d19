"""Whether jobs can be submitted to SLURM from here."""

import shutil
from collections.abc import Iterator

from fercli.doctor.finding import Finding
from fercli.errors import RunError
from fercli.launch.queue import slurm

ASK = ["sinfo", "--noheader", "--format=%P %a %D %l"]


def cluster() -> Iterator[Finding]:
    """Name the partitions of the cluster."""
    if not shutil.which(ASK[0]):
        yield Finding("SLURM", "note", "not on this machine: launcher=local and launcher=script work without it")
        return
    try:
        rows = [line.split() for line in slurm(ASK).splitlines()]
    except RunError as error:
        yield Finding(
            "SLURM",
            "note",
            str(error).splitlines()[0],
            "ask the administrators of the cluster; launcher=local works here",
        )
        return
    parts = [f"{name}: {nodes} nodes, {state}, at most {limit}" for name, state, nodes, limit in rows]
    yield Finding("SLURM", "ok", "; ".join(parts) or "no partition")
