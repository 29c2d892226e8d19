"""A study: the checked content of a yaml of `conf/study`."""

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
from fercli.studies.space import Searched, space_from
from fercli.unknown_options import in_own_folder

T = TypeVar("T")

# The keys of a study that hold lists, with the type and the name of their entries.
LISTS: dict[str, tuple[type, str]] = {
    "seeds": (int, "whole numbers"),
    "metrics": (str, "names of metrics"),
    "corpora": (str, "names of data sets"),
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
        overrides: overrides of `fercli train` besides those that all rows share; None for a row that is only quoted.
        classifier: a choice of `conf/classifier` that is fitted to the features of the finished training. The row shows
            the predictions of this classifier; rows of equal overrides share the training.
        published: the method's name in the source's table; None where the source prints no number.
        protocol: fields that select the published number, where the source prints the method under several protocols.
        modality: input of the published method, where the source prints it with several.
        table: table of the published number, where it is not the table of the study.
        prepared: as in `Study`, for this row alone.
        smoke: as in `Study`, for this row alone.
        needs: column of the store that the training reads, for example `age`; the row is not run if no training row of
            the store has a value in it.
        not_run: why a row of the source itself is not run, for its footnote; empty for rows that the source quotes.
        x: position of the row on the horizontal axis of a sweep; None for a reference row of the whole sweep.
        curve: the curve of a sweep that the row belongs to, where a sweep has several.
        evaluated_on: the data set on which the finished training is evaluated; None for the one it is trained on.
        classes: the classes that are evaluated; empty for all.
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
    evaluated_on: str | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the source: one row is better than another in one metric. One of the two rows may be only quoted.

    Attributes:
        against_print: why the claim stands although the numbers that the source prints contradict it; empty where they
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
        source: source of the published numbers, as in `data/published`.
        table: table of this source.
        data: the data set that the source used, under which its numbers are published; else the first corpus.
        prepared: the preparation of this data set, as in `data=<name>`; None for `data` itself.
        synthetic: the synthetic data set that replaces it with `--data synthetic`.
        x_label: what a sweep varies.
        base: overrides of `fercli train` that all rows share.
        smoke: additional overrides with `--budget smoke`.
        seeds: one training per row and seed.
        metrics: the columns.
        intended: fields of the protocol in which runs differ from the print on purpose; added to those of the source.
        search: the options that `--search` varies.
        corpora: data sets; one training on each is evaluated on every one, and the study has no rows of its own.
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
    search: tuple[Searched, ...] = ()
    corpora: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The data set of the source, or the corpora, in words."""
        return ", ".join(self.corpora) or self.data

    @property
    def trained(self) -> tuple[StudyRow, ...]:
        """The rows that have runs of their own."""
        return tuple(row for row in self.rows if row.overrides is not None)

    def quoted(self, claim: Claim) -> StudyRow | None:
        """Return the row of a claim that has no runs, only a published number; None where both are trained."""
        sides = (row for row in self.rows if row.label in (claim.better, claim.worse))
        return next((row for row in sides if row.overrides is None), None)


def study_names(config_dirs: Sequence[Path] = ()) -> list[str]:
    """Return the names of the studies of `conf/study` and of the user's own folders."""
    own = (path.relative_to(folder / "study") for folder in config_dirs for path in (folder / "study").rglob("*.yaml"))
    return sorted({*choices("study"), *(path.with_suffix("").as_posix() for path in own)})


def load_study(name: str, config_dirs: Sequence[Path] = ()) -> Study:
    """Load the study of a name, from `conf/study` or the user's own folders.

    Raises:
        ConfigError: there is no such study, or its yaml is invalid (see `study_from`).
    """
    known = study_names(config_dirs)
    if name not in known:
        offered = in_own_folder("study", name) or nearest(name, known, "fercli list studies")
        raise ConfigError(f"no study named '{name}'; {offered}")
    cfg = plain(compose("ablate", [f"study={name}"], config_dirs))
    content = cfg["study"]
    intended = of_source(cfg["intended"], str(content.get("source")), content.get("intended"))
    return study_from(name, content | {"intended": intended})


def study_from(name: str, content: Mapping[str, Any]) -> Study:
    """Build a study from the content of its yaml.

    Raises:
        ConfigError: a key is unknown, missing, or not the expected list; no row is trained; a label occurs twice; a
            claim names an unknown row or metric, or no trained row; or an option of `search` has no valid range.
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
    parts: dict[str, Any] = {"name": name, "rows": rows, "claims": claims, "intended": intended}
    parts |= {"search": space_from(content["search"], where)} if "search" in content else {}
    first = {"data": lists["corpora"][0]} if lists.get("corpora") else {}
    study = _built(Study, {**first, **content, **lists, **parts}, where)
    labels = [row.label for row in study.rows]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise ConfigError(f"{where}: expected every label once; found twice: {', '.join(twice)}")
    if study.corpora:
        if study.rows or study.claims:
            raise ConfigError(f"{where}: expected rows and claims, or corpora; found both")
        if study.search:
            raise ConfigError(f"{where}: expected search in a study with rows; found it in one with corpora")
        return study
    if not study.trained:
        raise ConfigError(
            f"{where}: expected a row with overrides to train; found {len(rows)} rows, none with overrides "
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
    """Parse seeds as typed: `0..4`, `0,1,2`, `3`, or a mixture; ascending, each once.

    Raises:
        ConfigError: the text has another form.
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
    lists: dict[str, Any] = {
        key: _list(value, str, "texts", f"{where}: {key} of row '{row.label}'")
        for key, value in (("overrides", row.overrides), ("smoke", row.smoke), ("classes", row.classes))
    }
    return replace(row, overrides=lists["overrides"], smoke=lists["smoke"], classes=lists["classes"])


def _protocol(fields_said: Any, where: str) -> dict[str, str]:
    """Check the fields of a published protocol; convert values to text, since yaml reads `classes: 8` as a number."""
    if not isinstance(fields_said, Mapping):
        raise ConfigError(
            f"{where}: expected protocol to map fields to values, as in {{classes: 8}}; found {fields_said!r}"
        )
    for name in fields_said:
        _expect_one_of(name, FIELDS, f"{where}: protocol has the field")
    return {name: str(value) for name, value in fields_said.items()}


def _list(value: Any, kind: type, kinds: str, where: str) -> tuple[Any, ...]:
    """Check that a value of the yaml is a list of entries of one kind."""
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{where}: expected a list of {kinds}; found {value!r}")
    if wrong := [entry for entry in value if not isinstance(entry, kind)]:
        raise ConfigError(f"{where}: expected a list of {kinds}; found {wrong[0]!r} in it")
    return tuple(value)


def _with_text(content: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Convert the named values to text, since yaml reads a label like 64 as a number."""
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
