"""What the user can do about rows that are left out, by the reason."""

from collections.abc import Iterable

from fercli.catalog import choices
from fercli.datasets.readers.table_paths import OUTSIDE, likely_root
from fercli.datasets.source import Source
from fercli.errors import printable
from fercli.preprocess.plan import OUT_OF_RANGE
from fercli.records import Reject
from fercli.scales import OWN, Scale

CONVERT = "see whether a player shows it to the end; else convert it: ffmpeg -i <video> <new>.mp4"
COPY = "copy the file there, or correct its name in the table"
SPARE = "give it a row, or leave it: it is not used"
OPEN = "open it in a viewer; if it is whole, save it as PNG or JPEG, else copy it again"
# The reasons of tables and folders, and of images and videos of any data set.
REMEDIES = {
    "class left out": "data.reader.relabel leaves it out; nothing to do if this is meant",
    "duplicate id": "give each row its own id, or rename the column id",
    "file listed twice": "remove the second row, or give both an id if both are meant",
    "frame cannot be decoded": CONVERT,
    "image cannot be decoded": OPEN,
    "image cannot be read": "copy the file again, or unpack the zip",
    "image file missing": COPY,
    "image format is not read": "save it as PNG or JPEG",
    "image is too large": "raise max_megapixels if the image is what it should be",
    "image without label row": SPARE,
    "link to nothing": "copy the file to where the link points, or remove the link",
    "link to a folder above it": "remove the link",
    "malformed row": "correct the row: as many cells as columns, an image or video, and numbers where they belong",
    "no class folder": "put the image into a folder that is named after its class",
    "no label": "fill in a label, or name its column: 'data.reader.columns={score: <its name>}'",
    "unknown label": "name its class in data.reader.classes, or rename it with data.reader.relabel",
    "unknown split": "write train, val or test, or rename the column or folders, so that splits are drawn",
    OUT_OF_RANGE: "correct the cell",
    "video cannot be decoded": CONVERT,
    "video cannot be opened": CONVERT,
    "video cannot be read": CONVERT,
    "video ends before its header says": "its frames are kept; copy it again if it should be longer",
    "video file missing": COPY,
    "video keeps too few frames": "lower min_frames, or take more frames a second",
    "video without label row": SPARE,
    "votes do not fit the classes": "name all classes in data.reader.classes, in the order of the votes",
    OUTSIDE: "put the files into the folder of the data, or name the folder that whole paths begin with: "
    "data.reader.root=<folder>",
}


def remedies(source: Source, rejects: Iterable[Reject], scale: Scale) -> dict[str, str]:
    """Return what to do about the rejects, by reason; reasons of single data sets have none."""
    first: dict[str, Reject] = {}
    for reject in rejects:
        first.setdefault(reject.reason, reject)
    return {reason: _remedy(source, reject, scale) for reason, reject in first.items() if reason in REMEDIES}


def _remedy(source: Source, reject: Reject, scale: Scale) -> str:
    if reject.reason == OUTSIDE and (root := likely_root(source, reject.detail)):
        return f"name the folder that whole paths begin with: data.reader.root='{printable(root)}'"
    if reject.reason == OUT_OF_RANGE and scale.name in reject.detail:
        others = ", ".join(name for name in choices("scale") if name != OWN)
        return f"correct the score, or name its scale: scale=<one of {others}>, or scale=own for another one"
    return REMEDIES[reject.reason]
