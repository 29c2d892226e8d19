"""The columns of a table: those that are read, and what columns of other names may mean."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from fercli.errors import printable
from fercli.fields import NUMBERS
from fercli.scales import choice_of_column

LABELS = ("expression", "votes", *NUMBERS)
PEOPLE = ("subject", "session", "date", "age_group", "gender", "race", "role")
COLUMNS = ("id", "image", "video", "split", *LABELS, "landmarks", "box", "time", *PEOPLE)
# What tables of labs call these columns, in lower case and without marks.
WORDS: dict[str, tuple[str, ...]] = {
    "image": ("file", "filename", "filepath", "frame", "imagefile", "imagename", "imagepath", "img", "path", "photo"),
    "video": ("clip", "recording", "videofile", "videoname", "videopath", "movie"),
    "expression": ("affect", "category", "class", "emotion", "emotions", "label", "labels", "target"),
    "score": ("depression", "severity", "sumscore", "total", "totalscore"),
    "subject": ("case", "code", "participant", "participantid", "patient", "patientid", "person", "pid", "subjectid"),
    "session": ("appointment", "day", "sitting", "timepoint", "visit", "wave"),
    "date": ("assessmentdate", "datum", "visitdate"),
    "split": ("fold", "partition", "set", "subset", "usage"),
    "gender": ("sex",),
    "age": ("ageyears", "years"),
}
GUESSED = (
    "image",
    "video",
    *[name for name in LABELS if name != "votes"],
    "subject",
    "session",
    "date",
    "split",
    "gender",
)


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
    is_long = len(name) > 4  # a short name is like other words, such as `Datei`
    return plain in words or plain == name or (is_long and bool(get_close_matches(plain, [name], n=1, cutoff=0.85)))


def as_option(columns: Mapping[str, str], header: Iterable[str] = ()) -> str:
    """Return the words for the command line that give columns their names, and scores their scales.

    Args:
        header: all columns of the table: where several are named after scales, each is a questionnaire.

    Examples:
        >>> as_option({"score": "phq9", "subject": "patient"})
        "'data.reader.columns={score: phq9, subject: patient}' scale=phq9"
        >>> as_option({"score": "bdi", "subject": "patient"}, ["bdi", "phq9", "patient"])
        "'data.reader.columns={subject: patient}' 'data.reader.scores={bdi_ii: bdi, phq9: phq9}'"
    """
    named = {name: column for name, column in columns.items() if name not in COLUMNS}
    scores = named or {scale: column for column in header if (scale := choice_of_column(column))}
    several = bool(named) or (len(scores) > 1 and columns.get("score") in scores.values())
    plain = {name: column for name, column in columns.items() if name in COLUMNS}
    if several:
        plain.pop("score", None)
    scale = choice_of_column(plain.get("score", ""))
    words = [_mapping("columns", plain)] if plain else []
    words += [scores_option(scores)] if several else [f"scale={scale}"] if scale else []
    return " ".join(words)


def scores_option(scores: Mapping[str, str]) -> str:
    """Return the words for the command line that name the columns of several questionnaires, by scale."""
    return _mapping("scores", scores)


def _mapping(option: str, names: Mapping[str, str]) -> str:
    return f"'data.reader.{option}={{{', '.join(f'{name}: {_quoted(column)}' for name, column in names.items())}}}'"


def _quoted(column: str) -> str:
    """Return a name as Hydra reads it within braces, in single quotes of the shell."""
    text = printable(column)
    return text if text.replace("_", "").replace("-", "").isalnum() and text.isascii() else f'"{text}"'
