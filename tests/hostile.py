"""Text that other programs obey: in names that somebody else chose, it must stay text."""

import os
import re

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

ACTS = (
    "${oc.env:HOME}",
    "${oc.create:{_target_:os.system,command:[touch,canary]}}",
    "${nope}",
    "[red]x[/red]",
    "[/b]",
    "[link=file:///etc/passwd]x[/link]",
    ":smile:",
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x9b2J",
    "\u202ered\u2066",
    "../../x",
    "/etc/x",
    "..",
    "C:\\x",
    "'; touch canary; '",
    "$(touch canary)",
    "`touch canary`",
    "=1+1",
    "@SUM(A1)",
    '=HYPERLINK("x")',
    r"$\frac{x$",
    r"\input{/etc/passwd}",
    "a & b_c^d ~ # %",
    "| a | b |",
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "{{ 7 * 7 }}",
    "{0.__class__}",
    "%A_%a",
    "line\nend\r\n",
    "\t",
    "\N{GRINNING FACE}\u200d\N{FIRE}",
    "größe",
    "Rene\u0301",
    "-rf",
    "--help",
    "null",
    "2024",
)
OF_ANY_BYTES = os.fsdecode(b"Ren\xe9")
LONG = "ä" * 127 + "a"  # 255 bytes: the longest name of a file

# Where text comes from a file in an encoding, such as a yaml, a CSV or JSON.
texts = st.one_of(
    st.sampled_from((*ACTS, LONG)),
    st.lists(st.sampled_from(ACTS), min_size=2, max_size=3).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
)
# Names of files: any bytes but the slash and zero.
file_names = (
    st.one_of(st.just(OF_ANY_BYTES), texts)
    .map(lambda name: re.sub("[/\0]", "_", name).encode("utf-8", "surrogateescape")[:255])
    .map(os.fsdecode)
    .filter(lambda name: name not in (".", ".."))
)
few = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.differing_executors],
)

# What a terminal or a page obeys: all control characters but the end of a line, and marks of direction.
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
