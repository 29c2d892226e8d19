"""Train the runs of a pack again on this machine, and compare the numbers."""

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fercli.checksums import digest_of
from fercli.config import Config, load
from fercli.datasets.store import Store
from fercli.engine.identity import parent_of
from fercli.engine.reload import complete
from fercli.errors import ConfigError, RunError, choose, printable, reading
from fercli.runs.commit import commit
from fercli.runs.folder import PUT_BACK, RunFolder
from fercli.runs.hardware import hardware, hardware_in_words
from fercli.runs.identity import HARDWARE
from fercli.runs.lineage import recorded_parent
from fercli.runs.packed import packed_runs
from fercli.runs.provenance import packages, read_provenance
from fercli.studies.refits import Refit, refits
from fercli.studies.sameness import Sameness, sameness
from fercli.studies.store_of_pack import store_of

# Options that name files of this machine.
PLACES = ("init", "passer.store", "backbone.weights", "noise.file", "noise.matrix", "folds.path")
PLAIN = re.compile(r"[\w./@-]+=[\w./@,\[\] -]*")  # an override without nested values
ALLOWED = (*PLACES, *(f"trainer.{name}" for name in HARDWARE))


@dataclass(frozen=True)
class Repetition:
    """One run of a pack, and how it is trained again.

    Attributes:
        packed: the run in the unpacked folder.
        again: folder of the new training.
        config: the configuration of the packed run, with the places and the hardware of this machine.
        refits: the classifiers that were fitted to the packed run.
    """

    packed: RunFolder
    again: RunFolder
    config: Config
    seed: int
    refits: tuple[Refit, ...] = ()

    @property
    def overrides(self) -> list[str]:
        """The options that the packed run was trained with, for the record of the new one."""
        path = self.packed.path / "overrides.txt"
        return path.read_text("utf-8", "backslashreplace").splitlines() if path.is_file() else []


@dataclass(frozen=True)
class Origin:
    """What differs between where a run was trained and this machine: name to (there, here)."""

    versions: dict[str, tuple[str, str]]
    others: dict[str, tuple[str, str]] = field(default_factory=dict)


def repetitions(
    pack: Path,
    folder: Path,
    stores: Sequence[Path],
    runs: Path,
    options: Mapping[str, Any],
    seeds: Sequence[int] = (),
    trust: bool = False,
) -> list[Repetition]:
    """Plan the trainings of a pack; nothing is trained yet.

    Args:
        pack: the pack, for messages.
        folder: the unpacked folder.
        stores: prepared data of this machine.
        runs: folder for the new runs.
        options: options of ALLOWED, with their values.
        seeds: seeds to train; empty for all.
        trust: whether a configuration may build objects of other packages.

    Raises:
        DataError: no store has the data of a run; the message says what differs.
        ConfigError: a configuration is damaged, or it or a classifier asks for code outside the parts of experiments.
        RunError: the pack has no run with these seeds.
    """
    found = [Store(store) for store in stores]
    planned = []
    for name in packed_runs(pack, folder):
        packed = RunFolder(folder / name)
        packed.require_sound(packed.config, packed.predictions, packed.path / "provenance.json")
        recorded = packed.read_metrics()
        config = load(packed.config, trust=trust)
        complete(config, Path(f"{pack}:{name}/config.yaml"))
        with reading(packed.metrics, "the numbers of a run", error=RunError, remedy=PUT_BACK):
            seed = int(recorded["seed"])
            config.store = str(store_of(found, packed, recorded["data"]).path)
        if seeds and seed not in seeds:
            continue
        if not trust:
            _expect_plain_passer(config)
        config.runs, config.logger = str(runs), None  # a logger of others may send what it logs
        for option, value in options.items():
            section, _, key = choose("option", option, ALLOWED, " for reproduce").rpartition(".")
            place = config.get(section) if section else config
            if place is None or key not in place or (option == "init" and config.init is None):
                raise ConfigError(f"{packed.path.parent.name} has no option {option}")
            place[key] = value
        _expect_same_start(packed, config)
        again = RunFolder(runs / packed.path.parent.name / packed.path.name)
        planned.append(Repetition(packed, again, config, seed, refits(packed, again, trust)))
    if not planned:
        raise RunError(f"{pack} has no run with the seeds {', '.join(map(str, seeds))}")
    return planned


def origin(repetition: Repetition) -> Origin:
    """Compare the versions, the commit and the hardware of a packed run with this machine."""
    path = repetition.packed.path / "provenance.json"
    with reading(path, "where a run comes from", error=RunError, remedy=PUT_BACK):
        there = read_provenance(repetition.packed.path)
        here = packages()
        main = {str(name): str(version) for name, version in dict(there.get("versions") or {}).items()}
        others = {str(name): str(version) for name, version in dict(there.get("packages") or {}).items()}
        python = platform.python_version()
        now = {name: python if name == "python" else here.get(name, "not installed") for name in (*main, *others)}
        facts = {"commit": (str(there.get("git")), str(commit()))}
        facts["hardware"] = hardware_in_words(there), hardware_in_words({"hardware": hardware()})
        return Origin(
            {name: (main[name], now[name]) for name in main if main[name] != now[name]},
            {name: pair for name, pair in facts.items() if pair[0] != pair[1]}
            | {n: (others[n], now[n]) for n in others if n not in main and others[n] != now[n]},
        )


def expect_new(repetition: Repetition) -> None:
    """Refuse a folder that holds the packed run itself: it would be compared with itself.

    Raises:
        RunError: it does.
    """
    there, here = (run.path / "provenance.json" for run in (repetition.packed, repetition.again))
    if here.is_file() and here.read_bytes() == there.read_bytes():
        raise RunError(
            f"{repetition.again.path} is the packed run itself, not a repetition of it; give another folder as --runs"
        )


def compare(planned: Sequence[Repetition]) -> list[Sameness]:
    """Compare all repetitions that have finished with the packed runs.

    There is one answer for each experiment, and one for each classifier that was fitted to its runs.
    """
    experiments: dict[str, dict[int, Repetition]] = {}
    for one in planned:
        experiments.setdefault(one.packed.path.parent.name, {})[one.seed] = one
    answers = []
    for name, by_seed in experiments.items():
        config = next(iter(by_seed.values())).config
        timed = {str(key) for key, metric in config.metrics.items() if "seconds" in (metric.get("reads") or ())}
        answers.append(sameness(name, {seed: (r.packed, r.again) for seed, r in by_seed.items()}, config, timed))
        fits: dict[str, dict[int, tuple[RunFolder, RunFolder]]] = {}
        for seed, one in by_seed.items():
            for fit in one.refits:
                fits.setdefault(fit.packed.path.name, {})[seed] = fit.packed, fit.again
        answers += [sameness(f"{name}, then {key}", pairs, config, timed) for key, pairs in fits.items()]
    return answers


def _expect_same_start(packed: RunFolder, config: Config) -> None:
    """Check that the run that `init` names is the one that the packed run started from.

    Raises:
        RunError: it is another one, or is not here.
    """
    if config.get("init") is None:
        return
    parent = recorded_parent(packed)
    try:
        here = digest_of(parent_of(config.init).weights)
    except RunError as error:
        raise RunError(f"{packed.path.parent.name} started from another run: give it as init=<run>; {error}") from None
    if parent is None or parent.weights != here:
        said = "it does not say from which weights" if parent is None else f"its weights were {parent.weights[:16]}"
        raise RunError(
            f"init={config.init} has the weights {here[:16]}; {packed.path.parent.name} started from: {said}"
        )


def _expect_plain_passer(config: Config) -> None:
    """Refuse options of an emotion model that could build code of others: they are composed after the check of trust.

    Raises:
        ConfigError: an option is no plain choice or value.
    """
    words = [] if config.passer is None else [*config.passer.emotion, f"data={config.passer.data}"]
    for word in map(str, words):
        if not PLAIN.fullmatch(word) or "_target_" in word:
            raise ConfigError(
                f"expected plain options of the emotion model, found '{printable(word[:200])}'. If you know where this "
                "run comes from, give --trust-config"
            )
