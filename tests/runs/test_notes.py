"""Tags and notes are kept with a checksum, and touch no other file of a run."""

import json

import pytest
from hypothesis import given

from fercli import checksums
from fercli.errors import RunError
from fercli.runs.folder import RunFolder
from fercli.runs.notes import MOST_BYTES, Notes, read_notes, with_tags, write_notes
from tests.hostile import few, texts


@pytest.fixture
def run(tmp_path, write_run):
    return RunFolder(write_run(tmp_path))


def test_notes_are_read_back_and_sealed(run):
    before = checksums.sums_of(run.path)
    assert read_notes(run) == Notes()
    notes = Notes(("baseline", "paper:1"), "größe\nof the second try")
    write_notes(run, notes)
    assert read_notes(run) == notes
    after = checksums.sums_of(run.path)
    assert {name: after[name] for name in before} == before
    assert after["notes.json"] == checksums.digest(run.notes.read_bytes())
    write_notes(run, Notes())
    assert not run.notes.exists()
    assert checksums.sums_of(run.path) == before


def test_notes_of_an_unfinished_run_survive_its_end(tmp_path):
    run = RunFolder(tmp_path / "x" / "seed0")
    run.path.mkdir(parents=True)
    write_notes(run, Notes(("draft",)))
    run.finish({"metrics": {}})
    assert read_notes(run) == Notes(("draft",))
    assert set(checksums.sums_of(run.path)) == {"notes.json", "metrics.json"}


def test_a_damaged_file_does_not_become_sound_by_a_tag(run):
    run.metrics.write_text("{}")
    write_notes(run, Notes(("x",)))
    with pytest.raises(RunError, match="damaged or was changed by hand"):
        run.read_metrics()


def test_a_run_that_trains_is_not_written_to(run):
    with run.lock(), pytest.raises(RunError, match="another process is training"):
        write_notes(run, Notes(("x",)))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"tags": [], "note": 3', b'{"tags": ["\\u001b[2J"], "note": ""}', b"[" * 100_000],
)
@pytest.mark.parametrize("sealed", [True, False])
def test_a_damaged_file_is_one_message(run, content, sealed):
    run.notes.write_bytes(content)
    if sealed:
        checksums.replace_sum(run.path, run.notes.name, content)
    with pytest.raises(RunError):
        read_notes(run)


def test_a_huge_file_is_not_read(run):
    with run.notes.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(RunError, match="more than"):
        read_notes(run)


@few
@given(texts)
def test_a_tag_is_a_word_and_a_note_any_text(tmp_path, write_run, text):
    run = RunFolder(tmp_path / "dda_x" / "seed0")
    if not run.path.exists():
        write_run(tmp_path)
    write_notes(run, Notes(("x",), text))
    assert read_notes(run).note == text
    if not text.replace("_", "x").isalnum():
        with pytest.raises(RunError):
            write_notes(run, Notes((f"{text} ",)))


def test_tags_are_added_and_removed_in_order():
    notes = with_tags(Notes(("a", "b"), "n"), ["c", "a"], ["b"])
    assert notes == Notes(("a", "c"), "n")
    with pytest.raises(RunError, match="no tag 'z' to remove; the run has a, c"):
        with_tags(notes, [], ["z"])
    assert json.dumps(notes.tags) == '["a", "c"]'
