"""The trials of a search: what was proposed, and what became of it. Optuna keeps them in a journal, one file.

Each proposal depends only on the number of the trial and on the trials before it. A search that was killed therefore
proposes the same trials as one that was not.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fercli.errors import ConfigError, RunError, reading
from fercli.files import locked
from fercli.studies.space import Searched, Value

if TYPE_CHECKING:
    import optuna

State = Literal["unfinished", "finished", "stopped early", "failed"]
STATES: Mapping[str, State] = {
    "RUNNING": "unfinished",
    "COMPLETE": "finished",
    "PRUNED": "stopped early",
    "FAIL": "failed",
}
JOURNAL = "trials.journal"
NAME = "search"
KEPT = 75.0  # a trial stops after a seed if its mean so far is not among this best share of the finished trials, in %
NUM_UNPRUNED = 4  # trials that finish before one may stop
NUM_RANDOM = 10  # trials before the sampler learns from the earlier ones
FEWEST_FOR_IMPORTANCE = 4  # finished trials
REMEDY = "put the file back from a copy, or delete the folder and search again"


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: its options, the value of each seed so far as the metric computes it, and the runs of these seeds."""

    number: int
    state: State
    options: Mapping[str, Value]
    values: Mapping[int, float]
    runs: Mapping[int, str]

    @property
    def mean(self) -> float:
        """Mean over the seeds so far; a trial without any has none."""
        return fmean(self.values.values())


class Trials:
    """The trials of one search, in a journal that no other process writes.

    Args:
        journal: the file.
        space: the options.
        seeds: the seeds of each trial, in the order in which they are trained.
        higher_is_better: the direction of the metric.

    Raises:
        ConfigError: optuna is not installed.
        RunError: the journal is damaged.
    """

    def __init__(self, journal: Path, space: Sequence[Searched], seeds: Sequence[int], higher_is_better: bool):
        optuna = _optuna()
        from optuna.storages.journal import JournalFileBackend

        self.space, self.seeds, self.higher_is_better = space, tuple(seeds), higher_is_better
        journal.parent.mkdir(parents=True, exist_ok=True)
        _drop_torn_line(journal)
        with reading(journal, "the trials of a search", error=RunError, remedy=REMEDY):
            self.study = optuna.create_study(
                study_name=NAME,
                storage=optuna.storages.JournalStorage(JournalFileBackend(str(journal))),
                direction="maximize" if higher_is_better else "minimize",
                pruner=optuna.pruners.PercentilePruner(KEPT, n_startup_trials=NUM_UNPRUNED),
                load_if_exists=True,
            )
            self._mend()

    def all(self) -> list[Trial]:
        """Return all trials that have begun, in order."""
        return [
            _trial(found, self.seeds) for found in self.study.get_trials(deepcopy=False) if found.state.name in STATES
        ]

    def of(self, state: State) -> list[Trial]:
        """Return the trials in one state."""
        return [trial for trial in self.all() if trial.state == state]

    def best(self) -> Trial | None:
        """Return the finished trial with the best mean; of equal ones the first. None without a finished trial."""
        sign = 1 if self.higher_is_better else -1
        return max(self.of("finished"), key=lambda trial: (sign * trial.mean, -trial.number), default=None)

    def ask(self, first: Mapping[str, Value] | None = None) -> Trial:
        """Begin a trial and return it.

        Args:
            first: the options of the first trial of the search; None to have them proposed, too.
        """
        begun = self.study.get_trials(deepcopy=False)
        if first is not None and not begun:
            self.study.enqueue_trial(dict(first))
        return self._proposed(self.study.ask())

    def note_runs(self, trial: Trial, runs: Mapping[int, str]) -> None:
        """Keep where the runs of a trial lie, by seed."""
        self._begun(trial.number).set_user_attr("runs", {str(seed): run for seed, run in runs.items()})

    def report(self, trial: Trial, value: float) -> Trial:
        """Add the value of the next seed; the trial then has finished, or stops early, or goes on with the next seed.

        It stops early if it is clearly behind: after at least NUM_UNPRUNED finished trials, its mean so far is worse
        than that of KEPT % of them after as many seeds.
        """
        begun, step = self._begun(trial.number), len(trial.values)
        begun.set_user_attr(f"seed{self.seeds[step]}", value)
        begun.report(fmean([*trial.values.values(), value]), step)
        self._settle(trial.number)
        return self.all()[trial.number]

    def fail(self, trial: Trial) -> Trial:
        """End a trial whose training has failed."""
        self.study.tell(trial.number, state=_optuna().trial.TrialState.FAIL)
        return self.all()[trial.number]

    @property
    def seconds(self) -> float:
        """Time that all commands have spent on this search."""
        return float(self.study.user_attrs.get("seconds", 0.0))

    def spend(self, seconds: float) -> None:
        """Add to the time that was spent."""
        self.study.set_user_attr("seconds", self.seconds + seconds)

    def importances(self) -> dict[str, float]:
        """Return the share of each option in the variance of the mean over finished trials, the largest first; or none.

        By the functional analysis of variance of a random forest: Hutter, Hoos and Leyton-Brown 2014.
        """
        optuna = _optuna()
        finished = self.of("finished")
        if len(finished) < FEWEST_FOR_IMPORTANCE or len({trial.mean for trial in finished}) == 1:
            return {}
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        found = optuna.importance.get_param_importances(self.study, evaluator=evaluator)
        return {option: float(share) for option, share in found.items()}

    def _begun(self, number: int) -> "optuna.Trial":
        """Return optuna's own object of a trial that this or an earlier process has begun."""
        return _optuna().trial.Trial(self.study, self.study.get_trials(deepcopy=False)[number]._trial_id)

    def _proposed(self, begun: "optuna.Trial") -> Trial:
        """Propose the options that a trial does not have yet, each from a seed of its own."""
        self.study.sampler = _sampler(begun.number, 0)
        assert begun.relative_params is not None  # optuna computes them here; they are those of all options together
        for place, one in enumerate(self.space, start=1):
            self.study.sampler = _sampler(begun.number, place)
            if one.low is None or one.high is None:
                begun.suggest_categorical(one.option, one.choices)
            elif one.is_whole:
                begun.suggest_int(one.option, int(one.low), int(one.high), step=int(one.step or 1), log=one.log)
            else:
                begun.suggest_float(one.option, one.low, one.high, step=one.step, log=one.log)
        return self.all()[begun.number]

    def _settle(self, number: int) -> None:
        """End a trial that has the values of all seeds, or is clearly behind."""
        optuna, begun = _optuna(), self._begun(number)
        found = self.study.get_trials(deepcopy=False)[number].intermediate_values
        if len(found) == len(self.seeds):
            self.study.tell(number, found[len(found) - 1])
        elif found and begun.should_prune():
            self.study.tell(number, state=optuna.trial.TrialState.PRUNED)

    def _mend(self) -> None:
        """Bring trials up to date that a killed process left between two steps."""
        for trial in self.of("unfinished"):
            self._proposed(self._begun(trial.number))
            self._settle(trial.number)


@contextmanager
def one_search(folder: Path) -> Iterator[None]:
    """Lock the folder of a search against a second command.

    Raises:
        RunError: another command searches there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with locked(folder / ".lock"):
            yield
    except BlockingIOError:
        raise RunError(f"another command searches in {folder}; wait for it, or end it") from None


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise ConfigError("--search needs optuna, which is not installed; pip install fercli[search]") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _sampler(number: int, place: int) -> Any:
    # SeedSequence, because the first random numbers from seeds such as 1001, 2001, 3001 lie close together
    seed = int(np.random.SeedSequence([number, place]).generate_state(1)[0])
    return _optuna().samplers.TPESampler(seed=seed, n_startup_trials=NUM_RANDOM)


def _trial(found: "optuna.trial.FrozenTrial", seeds: Sequence[int]) -> Trial:
    kept = found.user_attrs
    reported = seeds[: len(found.intermediate_values)]
    values = {seed: float(kept[f"seed{seed}"]) for seed in reported}
    runs = {int(seed): str(run) for seed, run in kept.get("runs", {}).items()}
    return Trial(found.number, STATES[found.state.name], found.params, values, runs)


def _drop_torn_line(journal: Path) -> None:
    """Cut off a last line that was not written to its end, because the machine stopped."""
    if not journal.is_file():
        return
    content = journal.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(journal, whole)
