"""The columns of a table: those that are read, and what columns of other names may mean."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from fercli.errors import printable
from fercli.fields import NUMBERS
from fercli.scales import choice_of_column

LABELS = ("expression", "votes", *NUMBERS)
PEOPLE = ("subject", "session", "age_group", "gender", "race", "role")
COLUMNS = ("id", "image", "video", "split", *LABELS, "landmarks", "box", "time", *PEOPLE)
# What tables of labs call these columns, in lower case and without marks.
WORDS: dict[str, tuple[str, ...]] = {
    "image": ("file", "filename", "filepath", "frame", "imagefile", "imagename", "imagepath", "img", "path", "photo"),
    "video": ("clip", "recording", "videofile", "videoname", "videopath", "movie"),
    "expression": ("affect", "category", "class", "emotion", "emotions", "label", "labels", "target"),
    "score": ("depression", "severity", "sumscore", "total", "totalscore"),
    "subject": ("case", "code", "participant", "participantid", "patient", "patientid", "person", "pid", "subjectid"),
    "session": ("appointment", "date", "day", "sitting", "timepoint", "visit", "visitdate", "wave"),
    "split": ("fold", "partition", "set", "subset", "usage"),
    "gender": ("sex",),
    "age": ("ageyears", "years"),
}
GUESSED = ("image", "video", *[name for name in LABELS if name != "votes"], "subject", "session", "split", "gender")


def guessed(columns: Iterable[str], holds_videos: bool = False) -> dict[str, str]:
    """Return which column may be meant by each column that fercli reads and the table lacks.

    Args:
        columns: of the table, with the names that fercli reads already replaced.
        holds_videos: the files beside the table are videos: a column of files means videos.

    Examples:
        >>> guessed(["file", "BDI", "patient", "comment"], holds_videos=True)
        {'video': 'file', 'score': 'BDI', 'subject': 'patient'}
    """
    free = [column for column in columns if column and column not in COLUMNS]
    there = set(columns) - set(free)
    found: dict[str, str] = {}
    for name in GUESSED:
        if name in there or (name == "image" and (holds_videos or "video" in there)):
            continue
        words = WORDS.get(name, ()) + (WORDS["image"] if name == "video" and holds_videos else ())
        left = [column for column in free if column not in found.values()]
        match = next((column for column in left if _is_meant(column, name, words)), None)
        if match is not None:
            found[name] = match
    return found


def _is_meant(column: str, name: str, words: tuple[str, ...]) -> bool:
    plain = "".join(filter(str.isalnum, column.casefold()))
    if name == "score" and choice_of_column(column):
        return True
    return plain in words or bool(get_close_matches(plain, [name], n=1, cutoff=0.85))


def as_option(columns: Mapping[str, str]) -> str:
    """Return the words for the command line that give columns their names, and the scale that a score is named after.

    Examples:
        >>> as_option({"score": "phq9", "subject": "patient"})
        "'data.reader.columns={score: phq9, subject: patient}' scale=phq9"
    """
    pairs = ", ".join(f"{name}: {_quoted(column)}" for name, column in columns.items())
    scale = choice_of_column(columns.get("score", ""))
    return f"'data.reader.columns={{{pairs}}}'" + (f" scale={scale}" if scale else "")


def _quoted(column: str) -> str:
    """Return a name as Hydra reads it within braces, in single quotes of the shell."""
    text = printable(column)
    return text if text.replace("_", "").replace("-", "").isalnum() and text.isascii() else f'"{text}"'
