"""Which rows of the columns belong to one recording, and to one sitting."""

import numpy as np

from fercli.metrics.metric import Columns, known_rows


def recordings(columns: Columns) -> dict[str, np.ndarray]:
    """Return the rows of each recording with a known score, by its name; a row without a video is its own recording."""
    found: dict[str, list[int]] = {}
    for row in np.flatnonzero(known_rows(columns, ["score"])).tolist() if "score" in columns else ():
        video = columns["video"][row] if "video" in columns else None
        found.setdefault(columns["id"][row] if video is None else video, []).append(row)
    return {name: np.array(rows) for name, rows in found.items()}


def spread_recordings(columns: Columns, number: int) -> list[np.ndarray]:
    """Return the rows of at most `number` recordings, evenly spread from the lowest score to the highest."""
    found = sorted(recordings(columns).values(), key=lambda rows: columns["score"][rows[0]])
    places = np.linspace(0, len(found) - 1, min(number, len(found))).round().astype(int)
    return [found[place] for place in places]


def sittings(columns: Columns) -> np.ndarray:
    """Return the number (n,) of the sitting, or of the recording where the sitting is unknown."""
    numbers = np.full(len(columns["id"]), -1)
    for number, rows in enumerate(recordings(columns).values()):
        numbers[rows] = -2 - number  # sittings count from 0
    session = columns.get("session", np.full(len(numbers), -1))
    return np.where(session >= 0, session, numbers)
