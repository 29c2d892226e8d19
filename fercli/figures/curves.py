"""Losses, metrics and learning rate over the epochs of a training."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from fercli.engine.evaluation import EvaluatedRun
from fercli.facts import PERCENT
from fercli.figures.figure import OTHER_COLORS, NamedFigure, horizontal_grid, new_figure, styled
from fercli.figures.needs import Needs
from fercli.runs.folder import read_history
from fercli.studies.aggregate import Results

NEEDS = Needs.RUN
NUM_COLUMNS = 2
VALIDATION = "validation"
DIAGNOSTICS = ("_attention", "_entropy", "_batches", "_share")  # name endings of what is logged beside the losses


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the history of a run of two epochs or more."""
    history = read_history(evaluated.run)
    if history is not None and len(history) > 1:
        panels = {
            name: panel_title(metric.unit, metric.higher_is_better) for name, metric in evaluated.method.metrics.items()
        }
        columns = {str(name): history[name].to_numpy() for name in history}
        columns["epoch"] = history.index.to_numpy()
        caption = "Losses, validation metrics and learning rate, epoch by epoch"
        yield NamedFigure("training_curves", caption, training_curves_figure(columns, panels))


def of_study(results: Results) -> Iterator[NamedFigure]:
    """Yield one line per row: for the first loss that all rows share, and for the first metric if it was validated."""
    metric, runs = results.plan.study.metrics[0], results.first_runs
    found = {label: read_history(run) for label, run in runs.items()}
    histories = {label: history for label, history in found.items() if history is not None}
    terms = [f"train/{name}" for name, term in results.plan.config.loss.items() if term is not None]
    shared = [name for name in terms if all(name in history for history in histories.values())][:1]
    lines: dict[str, pd.Series] = {}
    for label, history in histories.items():
        shown = [name for name in (*shared, f"val/{metric}") if name in history]
        lines |= {f"{name.partition('/')[0]}/{label}": history[name] for name in shown}
    if not lines:
        return
    frame = pd.DataFrame(lines).sort_index()
    columns = {name: frame[name].to_numpy(dtype=float) for name in lines} | {"epoch": frame.index.to_numpy()}
    parts = [f"{name.partition('/')[2].replace('_', ' ')} in training" for name in shared]
    if any(name.startswith("val/") for name in lines):
        parts.append(f"{results.column(metric).label} in validation")
    caption = f"{' and '.join(parts)}; the first seed of each row."
    column = results.column(metric)
    title = panel_title(column.unit, column.higher_is_better is not False)
    panels = dict.fromkeys(histories, title)  # a column of the figure has the name of its row
    caption = caption[0].upper() + caption[1:]
    yield NamedFigure("training_curves", caption, training_curves_figure(columns, panels))


def panel_title(unit: str, higher_is_better: bool) -> str:
    """Return the panel of a validation metric: metrics of other units or directions have other ranges.

    Percentages are fractions here, and share the panel of metrics without a unit.
    """
    if unit not in ("", PERCENT):
        return f"{VALIDATION}, {unit}"
    return VALIDATION if higher_is_better else f"{VALIDATION}, lower is better"


@styled
def training_curves_figure(history: Mapping[str, np.ndarray], titles: Mapping[str, str]) -> Figure:
    """Draw losses, metrics and learning rate over epochs, from the columns of `history.csv`.

    Args:
        history: `epoch`, `lr`, `train/<term>`, `val/<metric>` to (num_epochs,); NaN where nothing was logged. Panels
            without a column are left out.
        titles: metric to the title of its panel, from `panel_title`; `validation` for all others.
    """
    validation = defaultdict(list)
    for name in history:
        if name.startswith("val/"):
            validation[titles.get(name.partition("/")[2], VALIDATION)].append(name)
    panels = {
        "training loss": [name for name in history if name.startswith("train/") and not name.endswith(DIAGNOSTICS)],
        "diagnostics": [name for name in history if name.startswith("train/") and name.endswith(DIAGNOSTICS)],
        **dict(sorted(validation.items())),
        "learning rate": [name for name in history if name == "lr"],
    }
    panels = {title: names for title, names in panels.items() if names}
    num_rows, num_columns = max(1, -(-len(panels) // NUM_COLUMNS)), min(NUM_COLUMNS, max(1, len(panels)))
    height = max(3.0, *(0.17 * len(names) + 0.8 for names in panels.values())) if panels else 3.0
    figure, grid = new_figure(num_rows, num_columns, width=5.4 * num_columns, height=height * num_rows)
    epochs = np.asarray(history["epoch"], dtype=float)
    for axes, (title, names) in zip(grid.flat, panels.items(), strict=False):
        for name, color in zip(names, OTHER_COLORS * len(names), strict=False):
            values = np.asarray(history[name], dtype=float)
            known = ~np.isnan(values)
            marker = "o" if known.sum() < 3 else None  # one or two points make no line
            axes.plot(epochs[known], values[known], color=color, label=name.partition("/")[2] or name, marker=marker)
        if len(names) > 1:  # beside the axes, where it hides no line
            axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1.02), borderaxespad=0.2)
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        horizontal_grid(axes)
    for axes in grid.flat[len(panels) :]:
        figure.delaxes(axes)
    return figure
