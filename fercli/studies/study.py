"""What a study is: a yaml of `conf/study` as a value, checked."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from fercli.catalog import choices
from fercli.config import compose, plain
from fercli.datasets.store import SCHEMA
from fercli.errors import ConfigError, nearest
from fercli.protocol import FIELDS
from fercli.studies.intended import Intended, of_source

T = TypeVar("T")

# The keys of a study that hold lists, and of what.
LISTS: dict[str, tuple[type, str]] = {
    "seeds": (int, "whole numbers"),
    "metrics": (str, "names of metrics"),
    "rows": (dict, "rows, each with a label"),
    "claims": (dict, "claims, each with better, worse and metric"),
    "base": (str, "overrides"),
    "smoke": (str, "overrides"),
    "intended": (dict, "fields of the protocol, each with a reason"),
}


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One line of the table.

    Attributes:
        overrides: of `fercli train`, besides those that all rows share; None for a method that is only quoted.
        classifier: a choice of `conf/classifier` that is fitted to the features of the finished training, whose answers
            are then those of the row; rows of equal overrides share the training.
        published: the method's name in the source's table; None where the source prints no number.
        protocol: fields of the published protocol, where the source prints the method under several.
        modality: what the published method sees, where the source prints it with several.
        table: where the published number stands, where it is another one than the study's.
        prepared: as in `Study`, for this row alone.
        smoke: as in `Study`, for this row alone.
        needs: column of the store that the training reads, such as `age`; where no training row carries it, the row is
            not run.
        not_run: why a row of the source itself is not run, for its footnote; empty for rows that the source quotes.
        x: where the row stands on the horizontal axis of a sweep; None for a row that all of it is compared with.
        curve: which of several curves of a sweep the row belongs to.
    """

    label: str
    overrides: tuple[str, ...] | None = None
    classifier: str | None = None
    published: str | None = None
    protocol: Mapping[str, str] | None = None
    modality: str | None = None
    table: str | None = None
    prepared: str | None = None
    smoke: tuple[str, ...] = ()
    needs: str | None = None
    not_run: str = ""
    x: float | None = None
    curve: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the source says: one row is better than another in one metric. One of the two may be only quoted.

    Attributes:
        against_print: why the claim stands although the numbers that the source prints say otherwise; empty where they
            agree with it.
    """

    better: str
    worse: str
    metric: str
    against_print: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """A published table or figure that can be run.

    Attributes:
        name: `<source>/<table>`, the file below `conf/study`.
        source: of the published numbers, as in `data/published`.
        table: of that source.
        data: the data set that the source used, under which its numbers are published.
        prepared: how it is prepared, as in `data=<name>`; None for `data` itself.
        synthetic: the drawn data set that stands for it with `--data synthetic`.
        x_label: what a sweep varies.
        base: overrides of `fercli train` that all rows share.
        smoke: further ones with `--budget smoke`.
        seeds: one training per row and seed.
        metrics: the columns.
        intended: fields of the protocol in which runs differ from print on purpose; added to those of the source.
    """

    name: str
    title: str
    source: str
    table: str
    data: str
    seeds: tuple[int, ...]
    metrics: tuple[str, ...]
    rows: tuple[StudyRow, ...]
    prepared: str | None = None
    synthetic: str = "synthetic"
    x_label: str = ""
    base: tuple[str, ...] = ()
    smoke: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    intended: tuple[Intended, ...] = ()

    @property
    def trained(self) -> tuple[StudyRow, ...]:
        """The rows that have runs of their own."""
        return tuple(row for row in self.rows if row.overrides is not None)

    def quoted(self, claim: Claim) -> StudyRow | None:
        """The side of a claim that has no runs, only a published number; None where both are trained."""
        sides = (row for row in self.rows if row.label in (claim.better, claim.worse))
        return next((row for row in sides if row.overrides is None), None)

    @property
    def most_comparisons(self) -> int:
        """How many comparisons its largest table of tests corrects together: the claims, or all rows with the first."""
        return max(len(self.claims), len(self.metrics) * (len(self.trained) - 1))


def study_names(config_dirs: Sequence[Path] = ()) -> list[str]:
    """The studies of `conf/study` and those of the user's own folders."""
    own = (path.relative_to(folder / "study") for folder in config_dirs for path in (folder / "study").rglob("*.yaml"))
    return sorted({*choices("study"), *(path.with_suffix("").as_posix() for path in own)})


def load_study(name: str, config_dirs: Sequence[Path] = ()) -> Study:
    """The study of a name, from `conf/study` or the user's own folders.

    Raises:
        ConfigError: there is none, or its yaml says what a study cannot mean.
    """
    known = study_names(config_dirs)
    if name not in known:
        raise ConfigError(f"no study named '{name}'; {nearest(name, known)}; `fercli list studies` shows all")
    cfg = plain(compose("ablate", [f"study={name}"], config_dirs))
    content = cfg["study"]
    intended = of_source(cfg["intended"], str(content.get("source")), content.get("intended"))
    return study_from(name, content | {"intended": intended})


def study_from(name: str, content: Mapping[str, Any]) -> Study:
    """A study from the content of its yaml.

    Raises:
        ConfigError: a key is unknown or missing or no list of what it should list, no row is trained, a label occurs
            twice, a claim names a row or a metric that the study does not have, or no trained row.
    """
    where = f"study {name}"
    lists = {
        key: _list(content[key], *expected, f"{where}: {key}") for key, expected in LISTS.items() if key in content
    }
    rows = tuple(_row(row, where) for row in lists.get("rows", ()))
    claims = tuple(
        _built(Claim, _with_text(claim, "better", "worse"), f"a claim of {where}") for claim in lists.get("claims", ())
    )
    intended = tuple(_built(Intended, entry, f"an intended field of {where}") for entry in lists.get("intended", ()))
    parts = {"name": name, "rows": rows, "claims": claims, "intended": intended}
    study = _built(Study, {**content, **lists, **parts}, where)
    labels = [row.label for row in study.rows]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise ConfigError(f"{where}: expected every label once; found twice: {', '.join(twice)}")
    if not study.trained:
        raise ConfigError(
            f"{where}: expected a row with overrides to train; found {len(rows)} rows, none with any "
            "(`fercli compare` shows published numbers)"
        )
    for claim in study.claims:
        for label in (claim.better, claim.worse):
            _expect_one_of(label, labels, f"{where}: a claim names the row")
        _expect_one_of(claim.metric, study.metrics, f"{where}: a claim names the metric")
        if not {claim.better, claim.worse} & {row.label for row in study.trained}:
            raise ConfigError(
                f"{where}: expected a claim to name a row with overrides to train; both '{claim.better}' and "
                f"'{claim.worse}' are only quoted (`fercli compare` shows published numbers)"
            )
    return study


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds as typed: `0..4`, `0,1,2`, `3`, or a mixture; ascending, each once.

    Raises:
        ConfigError: something else.
    """
    seeds: set[int] = set()
    for part in text.split(","):
        first, dots, last = part.strip().partition("..")
        if not first.isdecimal() or (dots and not last.isdecimal()) or (dots and int(last) < int(first)):
            raise ConfigError(f"expected --seeds such as 0..4 or 0,1,2; found '{text}'")
        seeds.update(range(int(first), int(last if dots else first) + 1))
    return tuple(sorted(seeds))


def _row(content: Mapping[str, Any], where: str) -> StudyRow:
    row: StudyRow = _built(StudyRow, _with_text(content, "label"), f"a row of {where}")
    if row.protocol is not None:
        row = replace(row, protocol=_protocol(row.protocol, f"{where}: row '{row.label}'"))
    if row.overrides is None and row.published is None:
        raise ConfigError(f"{where}: row '{row.label}' has neither overrides to run nor a published number")
    if row.overrides is None and row.classifier is not None:
        raise ConfigError(
            f"{where}: row '{row.label}' has a classifier, and no overrides to train what it is fitted to"
        )
    if row.needs is not None:
        _expect_one_of(row.needs, SCHEMA.names, f"{where}: row '{row.label}' needs the column")
    if row.overrides is None:
        return row
    overrides, smoke = (
        _list(value, str, "texts", f"{where}: {key} of row '{row.label}'")
        for key, value in (("overrides", row.overrides), ("smoke", row.smoke))
    )
    return replace(row, overrides=overrides, smoke=smoke)


def _protocol(fields_said: Any, where: str) -> dict[str, str]:
    """Fields of a published protocol; yaml reads a number of classes as a number."""
    if not isinstance(fields_said, Mapping):
        raise ConfigError(
            f"{where}: expected protocol to map fields to values, as in {{classes: 8}}; found {fields_said!r}"
        )
    for name in fields_said:
        _expect_one_of(name, FIELDS, f"{where}: protocol has the field")
    return {name: str(value) for name, value in fields_said.items()}


def _list(value: Any, kind: type, kinds: str, where: str) -> tuple[Any, ...]:
    """A list of yaml whose entries are all of a kind."""
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{where}: expected a list of {kinds}; found {value!r}")
    if wrong := [entry for entry in value if not isinstance(entry, kind)]:
        raise ConfigError(f"{where}: expected a list of {kinds}; found {wrong[0]!r} in it")
    return tuple(value)


def _with_text(content: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A label such as 64 is a number to yaml."""
    return {key: str(value) if key in names else value for key, value in content.items()}


def _built(kind: type[T], content: Mapping[str, Any], where: str) -> T:
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for key in content:
        _expect_one_of(key, list(known), f"{where} has the key")
    if missing := [name for name, field in known.items() if field.default is MISSING and name not in content]:
        own = "; a study of your own says source: ours, table: Table 1" if {"source", "table"} & {*missing} else ""
        raise ConfigError(f"{where}: expected the keys {', '.join(missing)}{own}")
    return kind(**content)


def _expect_one_of(word: str, known: Sequence[str], what: str) -> None:
    if word not in known:
        raise ConfigError(f"{what} '{word}'; {nearest(word, list(known))}")
