"""A metric across corpora: trained on against evaluated on."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fercli.figures.figure import NamedFigure, new_figure, styled
from fercli.figures.shades import SHADES, color_bar, text_on
from fercli.figures.short_names import short_names
from fercli.studies.aggregate import Results
from fercli.studies.corpora import label_of, present_corpora


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield a heat map for each metric of a study across corpora."""
    corpora = present_corpora(results.plan.study)
    for metric in results.plan.study.metrics if corpora else ():
        values = [[[*results.values(label_of(one, other), metric).values()] for other in corpora] for one in corpora]
        means = np.array([[np.mean(cell) if cell else np.nan for cell in row] for row in values])
        if np.isfinite(means).any():
            column = results.column(metric)
            label = f"{column.label} ({column.unit})" if column.unit else column.label
            caption = f"{column.label} of training on the corpus of a row, mean over seeds; frames: one corpus for both"
            drawn = across_figure(means, corpora, label, column.decimals, column.higher_is_better is not False)
            yield NamedFigure(f"across_{metric}", caption, drawn)


@styled
def across_figure(
    values: np.ndarray, corpora: Sequence[str], label: str = "accuracy (%)", decimals: int = 1, higher: bool = True
) -> Figure:
    """Draw a heat map with the value in each cell; the better a value, the bluer its cell.

    Args:
        values: (C, C) in the unit of the label, trained on by row; NaN for a cell without runs.
        corpora: C names.
        label: name of the metric with its unit.
        decimals: digits after the point.
        higher: whether a higher value is better.
    """
    side = max(3.6, 0.95 * len(corpora) + 1.6)
    figure, ((axes,),) = new_figure(width=side + 0.9, height=side)
    low, high = np.nanmin(values), np.nanmax(values)
    image = axes.imshow(values, cmap=SHADES if higher else SHADES.reversed(), vmin=low, vmax=high)
    names = short_names(corpora)
    axes.set_xticks(range(len(corpora)), names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(corpora)), names)
    axes.tick_params(length=0)
    axes.set(xlabel="evaluated on", ylabel="trained on")
    axes.spines[:].set_visible(False)
    for (row, column), value in np.ndenumerate(values):
        place = (value - low) / (high - low) if high > low else 0.0
        shade = place if higher else 1 - place
        text = "not run" if np.isnan(value) else f"{value:.{decimals}f}"
        axes.text(column, row, text, ha="center", va="center", color=text_on(shade))
    for i in range(len(corpora)):
        axes.add_patch(Rectangle((i - 0.48, i - 0.48), 0.96, 0.96, fill=False, edgecolor="#e76300", linewidth=1.8))
    color_bar(figure, image, axes, label)
    return figure
