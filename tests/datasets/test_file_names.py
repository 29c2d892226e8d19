import os
from contextlib import suppress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fercli.datasets.file_names import MOST_BYTES, readable_name, short_name, whole_file


def test_a_name_that_opencv_reads_is_the_file_itself(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with readable_name(Path("12:30 größe.mp4")) as name:
        assert name == str(tmp_path / "12:30 größe.mp4")


def test_a_name_of_other_bytes_is_a_link_that_is_gone_afterwards(tmp_path):
    path = tmp_path / os.fsdecode(b"Ren\xe9.mp4")
    path.write_bytes(b"content")
    with readable_name(path) as name:
        assert name.encode()
        assert name.endswith(".mp4")
        assert Path(name).read_bytes() == b"content"
    assert not Path(name).parent.exists()


NAMES = st.binary(min_size=1, max_size=255).map(os.fsdecode)


@given(NAMES, NAMES, st.sampled_from(["", ".png", ".mp4"]))
def test_names_are_short_and_never_collide(a, b, ending):
    short = [short_name(name, ending) for name in (a, b, a + b)]
    assert all(len(name.encode()) <= MOST_BYTES and name.endswith(ending) for name in short)
    escaped = [name.encode("utf-8", "backslashreplace") for name in (a, b, a + b)]
    assert len({*short}) == len({*escaped})


def test_a_short_name_stays_as_it_is():
    assert short_name("größe.jpg", ".png") == "größe.jpg.png"


def test_a_file_is_whole_or_not_there(tmp_path):
    with whole_file(tmp_path / "deep" / "a.txt") as unfinished:
        unfinished.write_text("new")
        assert unfinished.suffix == ".txt"
    with suppress(KeyboardInterrupt), whole_file(tmp_path / "deep" / "a.txt") as unfinished:
        unfinished.write_text("half")
        raise KeyboardInterrupt
    assert [path.read_text() for path in (tmp_path / "deep").iterdir()] == ["new"]
