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
from fercli.runs.folder import read_history
from fercli.studies.aggregate import Results

DIAGNOSTICS = ("_attention", "_entropy", "_batches", "_share")  # name endings of what is logged beside the losses


def of_run(evaluated: EvaluatedRun) -> Iterator[NamedFigure]:
    """Yield the history of a run of two epochs or more."""
    history = read_history(evaluated.run)
    if history is not None and len(history) > 1:
        units = {name: metric.unit for name, metric in evaluated.method.metrics.items()}
        columns = {str(name): history[name].to_numpy() for name in history}
        columns["epoch"] = history.index.to_numpy()
        yield NamedFigure("training_curves", "The training", training_curves_figure(columns, units))


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
    units = dict.fromkeys(histories, results.column(metric).unit)  # a column of the figure has the name of its row
    caption = caption[0].upper() + caption[1:]
    yield NamedFigure("training_curves", caption, training_curves_figure(columns, units))


@styled
def training_curves_figure(history: Mapping[str, np.ndarray], units: Mapping[str, str]) -> Figure:
    """Draw losses, metrics and learning rate over epochs, from the columns of `history.csv`.

    Args:
        history: `epoch`, `lr`, `train/<term>`, `val/<metric>` to (num_epochs,); NaN where nothing was logged. Panels
            without a column are left out.
        units: metric to unit. Metrics of one unit share a panel. Percentages are fractions here, and share the panel
            of metrics without a unit.
    """
    validation = defaultdict(list)
    for name in history:
        if name.startswith("val/"):
            unit = units.get(name.partition("/")[2], "")
            validation["validation" if unit in ("", PERCENT) else f"validation, {unit}"].append(name)
    panels = {
        "training loss": [name for name in history if name.startswith("train/") and not name.endswith(DIAGNOSTICS)],
        "diagnostics": [name for name in history if name.startswith("train/") and name.endswith(DIAGNOSTICS)],
        **dict(sorted(validation.items())),
        "learning rate": [name for name in history if name == "lr"],
    }
    panels = {title: names for title, names in panels.items() if names}
    figure, (row,) = new_figure(num_columns=max(1, len(panels)), width=4.2 * max(1, len(panels)), height=3.2)
    epochs = np.asarray(history["epoch"], dtype=float)
    for axes, (title, names) in zip(row, panels.items(), strict=False):
        for name, color in zip(names, OTHER_COLORS * len(names), strict=False):
            values = np.asarray(history[name], dtype=float)
            known = ~np.isnan(values)
            marker = "o" if known.sum() < 3 else None  # one or two points make no line
            axes.plot(epochs[known], values[known], color=color, label=name.partition("/")[2] or name, marker=marker)
        if len(names) > 1:
            axes.legend(fontsize=8)
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        horizontal_grid(axes)
    return figure
