"""The encoding of a text file: spreadsheets and older systems do not always write UTF-8."""

import codecs
from typing import IO

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
FALLBACK = "windows-1252"  # what spreadsheets of Western Europe write
PIECE = 2**20


def encoding_of(stream: IO[bytes]) -> tuple[str, int]:
    """Return the encoding of a text, and a line number: 0 if the encoding is certain.

    UTF-8 is certain, with or without a byte order mark. UTF-16 is certain with a mark, or if most characters are ASCII,
    so that every second byte is zero. Any other text is read as `FALLBACK`; the line number is that of the first byte
    that is not UTF-8, counted from 1.

    Args:
        stream: is read to its end where it is not UTF-16 and has no mark.
    """
    head = stream.read(PIECE)
    for mark, name in MARKS.items():
        if head.startswith(mark):
            return name, 0
    start = head[:200]
    for name, zeros in (("utf-16-le", start[1::2]), ("utf-16-be", start[::2])):
        if len(start) > 3 and zeros.count(0) > len(zeros) // 2 and start.count(0) == zeros.count(0):
            return name, 0
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    piece = head
    while True:
        try:
            line += decoder.decode(piece, final=not piece).count("\n")
        except UnicodeDecodeError as error:
            return FALLBACK, line + error.object[: error.start].count(b"\n")
        if not piece:
            return "utf-8", 0
        piece = stream.read(PIECE)


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


# The five bytes that Windows-1252 leaves undefined stand for the control characters of Latin-1.
UNDEFINED_AS_LATIN1 = "fercli.latin1"
codecs.register_error(UNDEFINED_AS_LATIN1, _as_latin1)
