"""A hostile or damaged pack is one message: nothing is written outside, and nothing of it is used."""

import hashlib
import stat
import struct
from contextlib import nullcontext, suppress
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pytest
from hypothesis import given

from fercli.errors import RunError
from fercli.runs.pack import pack
from fercli.runs.packed import packed_runs, unpacked
from tests.faults import mutations
from tests.hostile import few, texts

DESCRIPTION = b'{"format": 1, "study": null, "runs": []}'


def write(path, files, kind=ZIP_STORED, mode=stat.S_IFREG, sums=True):
    """Write an archive of these names and contents, with right checksums."""
    files = [("pack.json", DESCRIPTION), *files]
    if sums:
        lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files]
        files.append(("SHA256SUMS", "".join(lines).encode()))
    with ZipFile(path, "w", kind) as archive:
        for name, content in files:
            entry = ZipInfo("x")
            entry.filename, entry.compress_type, entry.external_attr = name, kind, (mode | 0o644) << 16
            archive.writestr(entry, content)
    return path


def assert_refused(path, match):
    """Assert that an archive is one message, and that nothing is written beside it."""
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(RunError, match=match), unpacked(path):
        pass
    assert sorted(path.parent.rglob("*")) == before


def test_a_sound_archive_is_read(tmp_path):
    with unpacked(write(tmp_path / "a.zip", [("runs/a/b", b"x")])) as folder:
        assert (folder / "runs" / "a" / "b").read_bytes() == b"x"


LEADS_ELSEWHERE = ["../x", "/x", "a/../../x", "a//x", "a/", "./x", "C:\\x", "a\\..\\x", "a:b", "", "..", "é", "a b"]
LEADS_ELSEWHERE += ["\x1b[2J", "x" * 300, "/".join("abcdefghij")]


@pytest.mark.parametrize("name", LEADS_ELSEWHERE)
def test_a_name_that_leads_elsewhere(tmp_path, name):
    assert_refused(write(tmp_path / "a.zip", [(name, b"x")]), "no name of a file in a pack|damaged")


@few
@given(texts)
def test_any_name(tmp_path, name):
    path = write(tmp_path / "a.zip", [(name, b"x")])
    with suppress(RunError), unpacked(path) as folder:
        assert (folder / name).resolve().is_relative_to(folder.resolve())
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_links_and_special_files(tmp_path, kind):
    assert_refused(write(tmp_path / "a.zip", [], mode=kind), "a link or another special file")


def test_a_bomb_does_not_grow(tmp_path):
    path = write(tmp_path / "a.zip", [("zeros", bytes(50 << 20))], ZIP_DEFLATED)
    assert_refused(path, "larger than itself")
    assert_refused(write(tmp_path / "b.zip", [("a", b"abc")], ZIP_DEFLATED), "is compressed|larger than itself")


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("a/b", "A/B")])
def test_two_files_of_one_name(tmp_path, names):
    with pytest.warns(UserWarning, match="Duplicate") if names[0] == names[1] else nullcontext():
        path = write(tmp_path / "a.zip", [(name, b"x") for name in names])
    assert_refused(path, "two files of this archive are named")


def test_a_file_that_is_also_a_folder(tmp_path):
    assert_refused(write(tmp_path / "a.zip", [("a", b"x"), ("a/b", b"y")]), "lies in a file")


def test_a_file_whose_size_is_not_what_the_archive_says(tmp_path):
    path = write(tmp_path / "a.zip", [("a", b"0123456789")])
    content = path.read_bytes()
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(b"SHA256SUMS") - 46)
    sizes = struct.pack("<II", 4, 4)
    path.write_bytes(content[: place + 20] + sizes + content[place + 28 :])
    assert_refused(path, "damaged")


def test_files_without_a_checksum_and_checksums_without_a_file(tmp_path):
    assert_refused(write(tmp_path / "a.zip", [("a", b"x")], sums=False), "damaged")
    sums = f"{hashlib.sha256(DESCRIPTION).hexdigest()}  pack.json\n"
    assert_refused(write(tmp_path / "b.zip", [("SHA256SUMS", sums.encode()), ("a", b"x")], sums=False), "do not name a")
    more = f"{sums}{'0' * 64}  b\n"
    assert_refused(write(tmp_path / "c.zip", [("SHA256SUMS", more.encode())], sums=False), "it lacks b")
    wrong = f"{'0' * 64}  pack.json\n"
    assert_refused(
        write(tmp_path / "d.zip", [("SHA256SUMS", wrong.encode())], sums=False), "the checksum of pack.json differs"
    )


@pytest.mark.parametrize("description", ["[]", "{}", '{"format": 2, "runs": []}', '{"format": 1, "runs": 3}', "["])
def test_a_description_that_cannot_be_used(tmp_path, description):
    (tmp_path / "pack.json").write_text(description)
    with pytest.raises(RunError):
        packed_runs(tmp_path / "a.zip", tmp_path)


@pytest.mark.parametrize("name", ["runs/a/seed0", "../seed0", "runs/../../seed0", "/etc/seed0", "runs/a"])
def test_a_run_that_the_pack_does_not_hold(tmp_path, name):
    (tmp_path / "pack.json").write_text(f'{{"format": 1, "runs": [{{"folder": "{name}"}}]}}')
    with pytest.raises(RunError, match="does not hold it"):
        packed_runs(tmp_path / "a.zip", tmp_path)


def test_damage_is_one_message_or_changes_no_content(tmp_path, write_run):
    run = write_run(tmp_path / "runs")
    pack(run, tmp_path / "a.zip")
    sound, refusals = (tmp_path / "a.zip").read_bytes(), 0
    for _, (_, content) in zip(range(150), mutations(sound, np.random.default_rng(1)), strict=False):
        (tmp_path / "a.zip").write_bytes(content)
        refusals += 1
        with suppress(RunError), unpacked(tmp_path / "a.zip") as folder:
            (name,) = packed_runs(tmp_path / "a.zip", folder)
            assert (folder / name / "metrics.json").read_bytes() == (run / "metrics.json").read_bytes()
            refusals -= 1  # the damage is in a field that says nothing of the content, such as a time
    assert refusals > 50
