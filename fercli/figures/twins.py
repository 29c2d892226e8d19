"""The worst pairs of twins of an audit, side by side."""

import numpy as np
from matplotlib.figure import Figure

from fercli.audit.audit import Audit
from fercli.audit.tables import first_labels
from fercli.figures.figure import BLUE, ORANGE, styled
from fercli.figures.image_grid import draw_image, image_grid, write_above
from fercli.figures.short_names import short
from fercli.preprocess.codec import decode

NUM_PAIRS = 24
PAIRS_IN_A_ROW = 4
HEIGHT = 1.5  # of an image with three lines above it, in cells
MOST_OF_A_LINE = 16  # columns of a line above an image


def worst_pairs(audit: Audit, number: int = NUM_PAIRS) -> np.ndarray:
    """Return the places of the worst pairs: contradicting labels first, then several splits, then the most similar.

    A group of equal images appears once, and so does every image.
    """
    labels, twin_labels = first_labels(audit)
    table = audit.pairs.to_pylist()
    keys = []
    for place, pair in enumerate(table):
        ends = labels[audit.store.rows_of[pair["id"]]], twin_labels[audit.other.rows_of[pair["twin"]]]
        contradict = None not in ends and ends[0] != ends[1]
        keys.append((not contradict, pair["split"] == pair["twin_split"], -pair["similarity"], place))
    chosen: list[int] = []
    seen: set[tuple[str, str]] = set()
    for *_, place in sorted(keys):
        names = {("own", table[place]["id"]), ("own" if audit.within else "other", table[place]["twin"])}
        if not names & seen:
            chosen.append(place)
            seen |= names
        if len(chosen) == number:
            break
    return np.array(chosen, dtype=int)


@styled
def twins_figure(audit: Audit) -> Figure:
    """Draw the worst pairs: above each image its id, split and label; orange where the labels contradict."""
    labels, twin_labels = first_labels(audit)
    pairs = audit.pairs.take(worst_pairs(audit)).to_pylist()
    num_lines = max(1, -(-len(pairs) // PAIRS_IN_A_ROW))
    num_columns = 2 * PAIRS_IN_A_ROW
    figure, axes = image_grid(num_columns, num_lines * HEIGHT, 1.3 * num_columns, 1.3 * HEIGHT * num_lines)
    for place, pair in enumerate(pairs):
        line, column = divmod(place, PAIRS_IN_A_ROW)
        top = (line + 1) * HEIGHT - 1
        rows = audit.store.rows_of[pair["id"]], audit.other.rows_of[pair["twin"]]
        said = labels[rows[0]], twin_labels[rows[1]]
        color = ORANGE if None not in said and said[0] != said[1] else BLUE
        kind = pair["kind"] if pair["kind"] != "near-duplicate" else f"near, {pair['similarity']:.2f}"
        mirrored = "mirrored" if pair["mirrored"] else ""
        ends = ((audit.store, "id", "split"), (audit.other, "twin", "twin_split"))
        for side, ((store, name, split), first) in enumerate(zip(ends, (kind, mirrored), strict=True)):
            label = "no label" if said[side] is None else str(said[side])
            lines = (first, pair[name], f"{pair[split]}: {label}")
            text = "\n".join(short(line, MOST_OF_A_LINE) for line in lines)
            draw_image(axes, decode(store.image(rows[side])), 2 * column + side, top)
            write_above(axes, text, 2 * column + side, top, color)
    return figure
