"""Parents and children of runs are found by the checksum of the weights, wherever the folders lie."""

import json

import pytest

from fercli.checksums import digest
from fercli.runs.folder import RunFolder
from fercli.runs.lineage import children_of, recorded_parent
from tests.stores import reseal


def document(**changes):
    return {"run": "runs/a/seed0", "weights": digest(b"w"), "tensors": 3, "not_matched": ["head.weight"]} | changes


def write(run, parent):
    (run / "provenance.json").write_text(json.dumps({"parent": parent}))


def test_parent_and_children(tmp_path, write_run):
    parent, child, other = (write_run(tmp_path, seed=seed) for seed in range(3))
    (parent / "weights.ckpt").write_bytes(b"w")
    reseal(parent)
    write(child, document())
    write(other, document(weights=digest(b"x")))
    assert list(children_of(RunFolder(parent))) == [child]
    assert list(children_of(RunFolder(child))) == []
    assert recorded_parent(RunFolder(parent)) is None
    words = recorded_parent(RunFolder(child)).words
    assert words == f"runs/a/seed0, weights {digest(b'w')[:16]}, 3 tensors; 1 new: head.weight"
    (parent / "SHA256SUMS").write_text("x")
    assert list(children_of(RunFolder(parent))) == []


@pytest.mark.parametrize(
    "parent",
    [3, [], "x", {}, *(document(weights=x) for x in ("x", None)), *(document(tensors=x) for x in ("x", float("inf")))],
)
def test_a_damaged_record_is_none(tmp_path, write_run, parent):
    run = write_run(tmp_path)
    write(run, parent)
    assert recorded_parent(RunFolder(run)) is None


def test_names_are_printable(tmp_path, write_run):
    run = write_run(tmp_path)
    write(run, document(run="\x1b[2J"))
    assert "\x1b" not in recorded_parent(RunFolder(run)).words
