"""Texts in the encodings that spreadsheets and older systems write."""

import io

import pytest

from fercli.datasets import text
from fercli.datasets.text import FALLBACK, UNDEFINED_AS_LATIN1, encoding_of

WORDS = "image,note\na.png,Größe\n"


def decoded(content):
    """The text that is read, and the line that is no UTF-8."""
    encoding, line = encoding_of(io.BytesIO(content))
    return content.decode(encoding, UNDEFINED_AS_LATIN1), line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encodings_of_unicode_are_sure(encoding):
    assert decoded(WORDS.encode(encoding)) == (WORDS, 0)


def test_utf_16_with_the_mark_of_the_other_order():
    assert decoded(b"\xfe\xff" + WORDS.encode("utf-16-be")) == (WORDS, 0)


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252"])
def test_what_is_no_utf_8_is_named_by_its_line(encoding):
    assert decoded(WORDS.encode(encoding)) == (WORDS, 2)


def test_every_byte_has_a_character():
    content = bytes(range(1, 256))
    assert encoding_of(io.BytesIO(content)) == (FALLBACK, 2)  # the line end is byte 10
    assert len(decoded(content)[0]) == 255


def test_a_letter_between_two_pieces_is_whole(monkeypatch):
    monkeypatch.setattr(text, "PIECE", 3)
    assert decoded("ab\näöü\n".encode()) == ("ab\näöü\n", 0)
    assert decoded("ab\näöü\nç\n".encode() + b"\xe4") == ("ab\nÃ¤Ã¶Ã¼\nÃ§\nä", 4)


@pytest.mark.parametrize("content", [b"", b"a", b"\0", b"\0" * 400, b"a\0b"])
def test_little_text_and_zeros_are_no_utf_16(content):
    assert encoding_of(io.BytesIO(content)) == ("utf-8", 0)


def test_a_last_letter_that_is_cut_is_no_utf_8():
    assert encoding_of(io.BytesIO("a\nö".encode()[:-1])) == (FALLBACK, 2)
