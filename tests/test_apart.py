"""A child process reads: whatever becomes of it is a value or one message."""

import sys
from pathlib import Path

import pytest

from fercli import apart
from fercli.apart import read_apart
from fercli.errors import DataError


def read_words(path, place, *more):
    """A reader, as the child imports it; some files crash it, some want more memory than it may take."""
    text = Path(path).read_text()
    if text == "crash":
        import os

        os.abort()
    if text == "huge":
        return len(bytearray(2**45))
    return [place, text.split(), *more]


def test_what_a_function_of_a_module_reads(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("one two")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    assert read_apart(read_words, tmp_path / "a", "the file", "words", "x") == ["the file", ["one", "two"], "x"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"crash", r"^a is damaged: expected words; its library ended with signal 6; copy it again$"),
        (b"huge", r"^a is damaged: expected words, found content that needs more memory than there is; copy the file"),
        (b"\xff", r"^a is damaged: expected words, found bytes that are no UTF-8 text at position 0"),
        (None, r"^a cannot be read: No such file or directory; check the path and its permissions$"),
    ],
)
def test_a_crash_an_exception_and_an_error_of_the_system_are_one_message(tmp_path, monkeypatch, content, message):
    if content is not None:
        (tmp_path / "a").write_bytes(content)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    with pytest.raises(DataError, match=message):
        read_apart(read_words, tmp_path / "a", "a", "words")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import os; os.kill(os.getpid(), 11)", r"a in .* is damaged: expected words; .* ended with signal 11"),
        ("raise SystemExit(7)", "its library ended with status 7"),
        ("print('{\"half\": ')", "is damaged: expected words, found JSONDecodeError"),
        ("import time; time.sleep(60)", "reading it did not end in 0.5 s"),
        ("print('x: found nothing', file=__import__('sys').stderr); raise SystemExit(3)", "^x: found nothing$"),
        ("raise SystemExit(3)", "its library ended with status 3"),
    ],
)
def test_a_child_that_crashes_hangs_or_says_half_is_one_message(tmp_path, monkeypatch, code, message):
    (tmp_path / "a").touch()
    monkeypatch.setattr(apart, "python", lambda *_: [sys.executable, "-S", "-c", code])
    monkeypatch.setattr(apart, "SECONDS", 0.5)
    with pytest.raises(DataError, match=message):
        read_apart(read_words, tmp_path / "a", "a in the folder", "words")
