"""Whether a measured number and a printed one share a protocol, and the footnote where they do not.

Two numbers are subtracted if their protocols are equal, or differ only in fields that the study intends to differ
(`studies.intended`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fercli.printed_protocol import said
from fercli.protocol import Protocol
from fercli.studies.aggregate import Results
from fercli.studies.grid import Plan
from fercli.studies.intended import NEVER, intends
from fercli.studies.printed import published_protocol
from fercli.studies.study import Study, StudyRow


@dataclass(frozen=True, slots=True)
class Against:
    """The comparison of two protocols.

    Attributes:
        values: the fields that differ, each with both values.
        not_intended: the fields that differ although the study does not intend it.
    """

    values: dict[str, tuple[str, str]]
    not_intended: tuple[str, ...]

    @property
    def compares(self) -> bool:
        """Whether the two numbers may be subtracted."""
        return not self.not_intended

    @property
    def note(self) -> str:
        """The footnote: the fields that differ, with (measured / printed); empty if the protocols are equal."""
        if not self.values:
            return ""
        if self.compares:
            return f"differs from the print in {_named(self.values, self.values)}"
        others = [name for name in self.values if name not in self.not_intended]
        also = f"; differs also in {_named(self.values, others)}" if others else ""
        refused = _named(self.values, self.not_intended)
        return f"not compared with the print, which has another protocol: {refused}{also}"


def against(study: Study, measured: Protocol, printed: Protocol) -> Against:
    """Compare two protocols, given the fields that a study intends to differ."""
    intended = intends(study.intended, measured, printed)
    refused = tuple(name for name, is_intended in intended.items() if not is_intended)
    return Against(measured.differences(printed), refused)


def against_print(results: Results, label: str, row: StudyRow, metric: str) -> Against | None:
    """Compare the protocol of a trained row's runs with that of a printed number; None without runs or printed number.

    Args:
        label: label of the trained row.
        row: the row with the printed number: the trained row itself, or a row that is only quoted.
    """
    measured = results.protocol(label)
    printed = published_protocol(results.plan.study, row, metric)
    if measured is None or printed is None:
        return None
    return against(results.plan.study, measured, printed)


def printed_pair(study: Study, better: StudyRow, worse: StudyRow, metric: str) -> tuple[bool, str]:
    """Decide whether the printed numbers of two rows of a claim may be subtracted.

    Fields of NEVER and the version must be equal. The claim intends the other fields to differ, for example the weights
    that it is about.

    Returns:
        Whether the numbers may be subtracted (False unless both exist), and the footnote on the fields that differ.
    """
    one, other = (published_protocol(study, row, metric) for row in (better, worse))
    if one is None or other is None:
        return False, ""
    values = one.differences(other)
    refused = tuple(name for name in values if name in (*NEVER, "version"))
    if refused:
        return False, f"the two printed numbers have different protocols: {_named(values, refused)}"
    return True, f"the two printed numbers differ in {_named(values, values)}" if values else ""


def no_comparison(plan: Plan) -> str:
    """Return why no number of a plan may be compared with a printed number; empty where it may."""
    if source := plan.data_of_source:
        return f"run on {plan.data}, where the source used {source}: no printed number is comparable"
    if plan.request.budget != "full":
        return (
            f"budget {plan.request.budget}, not the training that the source describes: no printed number is comparable"
        )
    return ""


def why_not(results: Results, label: str, row: StudyRow, metric: str) -> str:
    """Return why the runs of a trained row may not be compared with the printed number of a row; empty where they may.

    Args: as of `against_print`.
    """
    if reason := no_comparison(results.plan):
        return reason
    found = against_print(results, label, row, metric)
    return "" if found is None or found.compares else found.note


def _named(values: Mapping[str, tuple[str, str]], names: Iterable[str]) -> str:
    pairs = ((name, map(said, values[name])) for name in names)
    return ", ".join(f"{name.replace('_', ' ')} ({' / '.join(pair)})" for name, pair in pairs)
