"""One thing that `fercli doctor` found."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what it is, in a word or two.
        state: `ok`; `note`: something works less well, or is absent and may not be needed; `wrong`: fercli needs it.
        text: what was found.
        remedy: what to do, where the state is not `ok`.
    """

    subject: str
    state: State
    text: str
    remedy: str = ""


Check = Callable[[], Iterable[Finding]]


def findings(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Give what the checks find, one after the other. A check that fails is itself a finding.

    Args:
        checks: a subject for each, which is named if the check fails.
    """
    for subject, check in checks:
        try:
            yield from check()
        except Exception as error:  # a broken library can raise anything, and the other checks still help
            text = f"{type(error).__name__}: {error}".splitlines()[0]
            yield Finding(subject, "wrong", text, "install fercli again: `make install`, or `pip install --upgrade .`")
