"""What a grid of images shows, read from its figure."""

from collections import defaultdict

import numpy as np


def cells_of(figure):
    """The arrays of each cell, by the middle of the cell: (column, line), from the upper left."""
    found = defaultdict(list)
    for image in figure.axes[0].images:
        left, right, lower, upper = image.get_extent()
        found[round((left + right) / 2 - 0.5, 6), round((lower + upper) / 2 - 0.5, 6)].append(
            np.asarray(image.get_array())
        )
    return dict(found)


def images_of(figure):
    """The first arrays of the cells, line by line."""
    lines = defaultdict(list)
    for (_, line), (first, *_) in sorted(cells_of(figure).items(), key=lambda cell: cell[0][::-1]):
        lines[line].append(first)
    return list(lines.values())


def rows_of(figure):
    """The name of each row, and its images."""
    images = images_of(figure)
    names = [label.get_text().replace("\n", " ") for label in figure.axes[0].get_yticklabels()]
    return list(zip(names, images + [[]] * (len(names) - len(images)), strict=True))


def headers_of(figure):
    """The words above the columns."""
    return [label.get_text() for label in figure.axes[0].get_xticklabels()]


def titles_of(figure):
    """The words above single images, line by line."""
    texts = sorted(figure.axes[0].texts, key=lambda text: text.get_position()[::-1])
    return [text.get_text() for text in texts]
