"""Errors that code of the user's own raises: one message that names the place, and the traceback in a file."""

import os
import site
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from fercli.errors import FercliError, printable
from fercli.files import write_text

FERCLI = str(Path(__file__).parent) + os.sep
KEPT = "the traceback is in "  # begins the note on an error
LOG = "traceback.log"  # in the folder of a run
MOST_CHARACTERS = 300  # of the message of an error, which may print whole tensors
PLAIN = (bool, int, float, str, type(None))


class OwnCodeError(FercliError):
    """Code of the user's own raised an error. Exit status 2."""


def raised_by_own_code(error: BaseException) -> bool:
    """Return whether the error, or its cause, was raised in code of the user's own that fercli called."""
    return bool(_own_frames(error)[1])


@contextmanager
def naming_own_code() -> Iterator[None]:
    """Turn an error in code of the user's own into one message: file, line, error, and what fercli called with what.

    Raises:
        OwnCodeError: in place of the error. Other errors pass as they are, and so does every FercliError, and every
            error of the operating system, such as a full disk.
    """
    try:
        yield
    except (FercliError, OSError):
        raise
    except Exception as error:
        raised, frames = _own_frames(error)
        if not frames:
            raise
        kept = [note for note in getattr(error, "__notes__", ()) if note.startswith(KEPT)]
        where = kept[-1] if kept else "--debug shows the traceback"
        raise OwnCodeError(f"{_place(*frames[-1])}: {_said(raised)}; {_called(frames[0][0])}; {where}") from error


@contextmanager
def keeping_traceback(log: Path) -> Iterator[None]:
    """Write the traceback of an error in code of the user's own to a file, and note its name on the error."""
    try:
        yield
    except FercliError:
        raise
    except Exception as error:
        if raised_by_own_code(error):
            with suppress(OSError):  # the folder of a run may be read-only
                write_text(log, "".join(traceback.format_exception(error)))
                error.add_note(f"{KEPT}{log}")
        raise


def place_in_own_code(error: BaseException) -> str:
    """Return file, line and function of the user's own in which the error was raised; empty where it was not."""
    frames = _own_frames(error)[1]
    return _place(*frames[-1]) if frames else ""


def _own_frames(error: BaseException) -> tuple[BaseException, list[tuple[FrameType, int]]]:
    """Return the error that was raised in the user's own code, and its frames and lines there, the outermost first.

    They are the frames of the last call by fercli. A program that uses fercli is no code that fercli called.
    """
    seen: set[int] = set()
    cause: BaseException | None = error
    is_called = False
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        found: list[tuple[FrameType, int]] = []
        is_new = is_called
        for frame, line in traceback.walk_tb(cause.__traceback__):
            if frame.f_code.co_filename == __file__:  # `naming_own_code` itself
                continue
            if frame.f_code.co_filename.startswith(FERCLI):
                is_called, is_new = True, True
            elif is_called and _is_own(frame.f_code):
                found = [(frame, line)] if is_new else [*found, (frame, line)]
                is_new = False
        if found:
            return cause, found
        cause = cause.__cause__ or cause.__context__
    return error, []


def _is_own(code: CodeType) -> bool:
    file = code.co_filename
    return (
        os.path.isabs(file)
        and not file.startswith(_LIBRARIES)
        and not {"site-packages", "dist-packages"} & {*Path(file).parts}
    )


def _libraries() -> tuple[str, ...]:
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")}
    paths |= {site.getusersitepackages(), os.path.dirname(sys.executable)}
    return tuple(os.path.join(path, "") for path in paths if path)


_LIBRARIES = _libraries()


def _place(frame: FrameType, line: int) -> str:
    file = Path(frame.f_code.co_filename)
    with suppress(ValueError, OSError):
        file = file.relative_to(Path.cwd())
    return f"{printable(str(file))}, line {line}, in {frame.f_code.co_qualname}"


def _said(error: BaseException) -> str:
    message = " ".join(printable(str(error).replace("\n", " ")).split())
    if len(message) > MOST_CHARACTERS:
        message = message[:MOST_CHARACTERS] + " ..."
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _called(frame: FrameType) -> str:
    """Say which function of the user fercli called, and with what."""
    code = frame.f_code
    num = code.co_argcount + code.co_kwonlyargcount
    given = [name for name in code.co_varnames[:num] if name not in ("self", "cls") and name in frame.f_locals]
    arguments = ", ".join(f"{name} {_described(frame.f_locals[name])}" for name in given)
    return f"fercli called {code.co_qualname}" + (f" with {arguments}" if arguments else "")


def _described(value: Any, deep: bool = True) -> str:
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, PLAIN):
        return printable(repr(value))[:40]
    if deep and is_dataclass(value) and not isinstance(value, type):
        parts = ((field.name, getattr(value, field.name, None)) for field in fields(value))
        return f"{type(value).__name__}({', '.join(f'{n} {_described(v, False)}' for n, v in parts if v is not None)})"
    return type(value).__name__
