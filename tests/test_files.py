"""Files appear whole, and nothing is written through a link."""

import errno
import os
import stat

import pytest

from fercli.files import locked, remove_parts, write_same, write_text, write_whole


def test_a_failed_write_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    file = tmp_path / "file"
    write_whole(file, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("fercli.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("has_hard_links", [True, False])
def test_what_is_written_to_one_of_two_names_leaves_the_other(tmp_path, monkeypatch, has_hard_links):
    def refuse(source, target):
        raise OSError(errno.EPERM, "Operation not permitted")

    best, last = tmp_path / "best", tmp_path / "last"
    write_whole(last, b"before")
    write_whole(best, b"first")
    if not has_hard_links:
        monkeypatch.setattr("fercli.files.os.link", refuse)
    write_same(last, best)
    write_same(last, best)  # already the same file
    assert last.read_bytes() == b"first"
    assert (best.stat().st_nlink == 2) == has_hard_links
    write_whole(last, b"second")
    assert best.read_bytes() == b"first"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best", "last"]


def test_a_link_is_replaced_and_its_target_stays(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"of somebody else")
    link.symlink_to(target)
    write_whole(link, b"mine")
    assert target.read_bytes() == b"of somebody else"
    assert not link.is_symlink()


def test_a_lock_follows_no_link_and_empties_no_file(tmp_path):
    target, link = tmp_path / "target", tmp_path / ".lock"
    target.write_bytes(b"of somebody else")
    link.symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"), locked(link):
        pass
    with locked(target):
        pass
    assert target.read_bytes() == b"of somebody else"


def test_a_second_lock_is_refused_unless_both_share(tmp_path):
    file = tmp_path / "a"
    with locked(file, shared=True), locked(file, shared=True), pytest.raises(BlockingIOError), locked(file):
        pass
    with locked(tmp_path / "a"):
        pass


def test_others_may_read_what_the_mask_of_the_user_allows(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "file", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_a_name_of_255_bytes_and_text_that_is_no_unicode(tmp_path):
    file = tmp_path / ("ä" * 127 + "x")
    write_text(file, "\udcff")
    assert file.read_text() == r"\udcff"


def test_parts_of_killed_processes_are_removed(tmp_path):
    (tmp_path / ".0123.part").touch()
    (tmp_path / "kept").touch()
    remove_parts(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
