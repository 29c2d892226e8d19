"""What a launcher would do, in words: for the plan of a study, before anything runs."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class Cluster(Protocol):
    """What jobs ask a cluster for; see `conf/launcher/slurm.yaml`."""

    @property
    def partition(self) -> str | None: ...  # noqa: D102
    @property
    def time(self) -> str | int: ...  # noqa: D102
    @property
    def nodes(self) -> int: ...  # noqa: D102
    @property
    def gpus_per_node(self) -> int: ...  # noqa: D102
    @property
    def cells_per_job(self) -> int: ...  # noqa: D102
    @property
    def options(self) -> Mapping[str, Any]: ...  # noqa: D102

    def most_at_a_time(self, jobs: int | None, number: int) -> int:
        """Return how many of a number of jobs may run at a time."""
        ...


def of_this_machine(jobs: int | None) -> str:
    """Say how many cells run on this machine at a time: `jobs`, or None for as many as fit."""
    return f"on this machine, {jobs or 'as many as its devices or cores allow'} at a time"


def of_cluster(cluster: Cluster, trainings: Iterable[int], fits: Iterable[int], jobs: int | None) -> str:
    """Say which jobs would be handed over to a cluster, and what each of them asks for.

    Args:
        cluster: the cluster.
        trainings: the number of jobs of each array of trainings.
        fits: the number of jobs of each array of classifiers.
        jobs: the largest number of jobs that run at a time; None for what the cluster is set to.
    """
    words = [f"{type(cluster).__name__.lower()}: {_arrays(trainings, cluster, jobs) or 'no training'}"]
    if later := _arrays(fits, cluster, jobs):
        words.append(f"then {later} of classifiers")
    gpus = f"{cluster.gpus_per_node} GPU{'s' * (cluster.gpus_per_node != 1)}" if cluster.gpus_per_node else "no GPU"
    asked = [f"{cluster.nodes} node{'s' * (cluster.nodes != 1)} with {gpus}", f"time limit {cluster.time}"]
    asked.append(f"partition {cluster.partition}" if cluster.partition else "the default partition")
    for name in ("account", "qos", "memory", "container"):
        asked += [f"{name} {value}"] if (value := getattr(cluster, name)) else []
    asked += [f"{cluster.cells_per_job} trainings in each"] if cluster.cells_per_job > 1 else []
    asked += [f"{key} {value}" for key, value in cluster.options.items()]
    return f"{', '.join(words)}; each asks for {', '.join(asked)}"


def _arrays(sizes: Iterable[int], cluster: Cluster, jobs: int | None) -> str:
    """Return how many jobs there are, in how many arrays, and how many run at a time; nothing without jobs."""
    sizes = list(sizes)
    if not sizes:
        return ""
    total = sum(sizes)
    arrays = f" in {len(sizes)} arrays" if len(sizes) > 1 else ""
    most = min(cluster.most_at_a_time(jobs, max(sizes)), max(sizes))
    limit = f", at most {most} at a time" if most < max(sizes) else ""
    return f"{total} job{'s' * (total != 1)}{arrays}{limit}"
