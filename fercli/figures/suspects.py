"""Suspected mislabels as images, with their label, the suggested label and the votes."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from fercli.figures.figure import ORANGE, NamedFigure, styled
from fercli.figures.image_grid import draw_image, image_grid, write_above
from fercli.figures.short_names import short
from fercli.inference.mislabels import Suspects
from fercli.preprocess.codec import decode

NUM_SHOWN = 100
NUM_EACH = 25  # images of one figure
NUM_COLUMNS = 5
HEIGHT = 1.42  # of an image with four lines above it, in cells
MOST_OF_A_LINE = 24  # columns of a line above an image


def suspects_figures(found: Suspects) -> Iterator[NamedFigure]:
    """Yield figures of the first suspects, the most suspicious first."""
    shown = min(NUM_SHOWN, len(found.rows))
    for start in range(0, shown, NUM_EACH):
        places = np.arange(start, min(start + NUM_EACH, shown))
        caption = f"Suspects {start + 1} to {places[-1] + 1}: number and id, given label, suggested label, votes"
        yield NamedFigure(f"suspects_{start + 1}", caption, suspects_figure(found, places))


@styled
def suspects_figure(found: Suspects, places: np.ndarray) -> Figure:
    """Draw some suspects, by their places in the ranking."""
    store = found.store
    num_lines = -(-len(places) // NUM_COLUMNS)
    figure, axes = image_grid(NUM_COLUMNS, num_lines * HEIGHT, 1.9 * NUM_COLUMNS, 1.9 * HEIGHT * num_lines)
    for i, place in enumerate(places):
        line, column = divmod(i, NUM_COLUMNS)
        row, top = int(found.rows[place]), (line + 1) * HEIGHT - 1
        lines = [
            f"{place + 1}  {store.column('id')[row]}",
            f"given {store.classes[store.labels[row]]}",
            f"suggested {store.classes[found.suggested[place]]}",
            votes_in_words(store.votes[row], store.classes),
        ]
        draw_image(axes, decode(store.image(row)), column, top)
        write_above(axes, "\n".join(short(text, MOST_OF_A_LINE) for text in lines), column, top, ORANGE)
    return figure


def votes_in_words(votes: np.ndarray, classes: tuple[str, ...]) -> str:
    """Return the votes for the two classes that have most of them, and the number of all others.

    Examples:
        >>> votes_in_words(np.array([6.0, 0.0, 3.0, 1.0]), ("neutral", "happiness", "sadness", "fear"))
        '6 neutral, 3 sadness, +1'
        >>> votes_in_words(np.array([np.nan, np.nan]), ("neutral", "happiness"))
        ''
    """
    if np.isnan(votes).any():
        return ""
    order = [i for i in np.argsort(-votes, kind="stable") if votes[i]]
    others = votes[order[2:]].sum()
    return ", ".join([*(f"{votes[i]:g} {classes[i]}" for i in order[:2]), *([f"+{others:g}"] if others else [])])
