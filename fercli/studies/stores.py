"""One run evaluated on several stores: tests of each store against the first, on the samples that both hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fercli.config import instantiate, load
from fercli.engine.evaluation import EvaluatedRun
from fercli.runs.folder import RunFolder
from fercli.runs.predictions import read_predictions
from fercli.studies.paired_runs import Paired, paired_tests


@dataclass(frozen=True, slots=True)
class AgainstFirst:
    """One store compared with the first: the same network, and the same samples as far as both stores hold them.

    Attributes:
        store: path of the store.
        num_both: samples that both stores hold, by their id.
        only_first: samples that only the first store holds, for example because no face was found in the other.
        only_here: samples that only this store holds.
        tests: one entry for each metric, `first` the value on this store; empty without common samples.
    """

    store: Path
    num_both: int
    only_first: int
    only_here: int
    tests: tuple[Paired, ...]


def compare_stores(evaluations: Sequence[EvaluatedRun]) -> list[AgainstFirst]:
    """Compare every store with the first.

    Args:
        evaluations: of one run.
    """
    first, *others = evaluations
    cfg = load(first.run.config, trust=True)  # it was trusted when the run was evaluated
    metrics = {name: instantiate(node) for name, node in cfg.metrics.items()}
    ids = [set(read_predictions(RunFolder(one.folder))["id"]) for one in evaluations]
    found = []
    for one, held in zip(others, ids[1:], strict=True):
        both = len(held & ids[0])
        tests = paired_tests(RunFolder(one.folder), RunFolder(first.folder), metrics) if both else []
        path = one.data.store.path
        found.append(AgainstFirst(path, both, len(ids[0] - held), len(held - ids[0]), tuple(tests)))
    return found
