"""Figures of a search: the best value so far, the importance of each option, and the value against each option."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from fercli.figures.figure import BLUE, GRAY, ORANGE, NamedFigure, horizontal_grid, new_figure, styled
from fercli.studies.search import Search
from fercli.studies.space import Searched
from fercli.studies.trials import Trial, Trials
from fercli.studies.trials_table import short

MOST_SLICES = 12  # options with a figure of their own
MARKS = {"finished": ("o", BLUE, "finished"), "stopped early": ("x", GRAY, "stopped early")}


def of_search(search: Search, trials: Trials) -> Iterator[NamedFigure]:
    """Yield the figures of a search that has a finished trial."""
    found = [trial for trial in trials.all() if trial.state in MARKS]
    best = trials.best()
    if best is None:
        return
    unit = f" ({search.facts.unit})" if search.facts.unit else ""
    label = f"validation {search.facts.label}{unit}"
    scale = search.facts.scale
    where = f"Mean over seeds on {search.validation}"
    name = "search" if search.fold is None else f"search_fold{search.fold}"
    history = history_figure(found, scale, label, trials.higher_is_better)
    yield NamedFigure(f"{name}_history", f"{where}, by trial; the line is the best finished trial so far.", history)
    if shares := trials.importances():
        number = len(trials.of("finished"))
        caption = (
            f"Share of each option, alone or with others, in the variance of the value over {number} finished trials: "
            "functional analysis of variance of a random forest. Few trials make it uncertain."
        )
        yield NamedFigure(f"{name}_importance", caption, importance_figure(shares))
    sliced = search.space[:MOST_SLICES]
    caption = f"{where}, against each option; the best trial is orange, and a trial that stopped early a cross."
    yield NamedFigure(f"{name}_options", caption, slices_figure(sliced, found, best, scale, label))


@styled
def history_figure(trials: Sequence[Trial], scale: float, label: str, higher_is_better: bool) -> Figure:
    """Draw the value of each trial by its number, and the best finished one so far as a line.

    Args:
        trials: finished trials, and those that stopped early.
        scale: from the value of a trial to the axis.
        label: of the axis.
        higher_is_better: the direction.
    """
    figure, ((axes,),) = new_figure(width=6.0, height=3.4)
    for state, (marker, color, name) in MARKS.items():
        chosen = [trial for trial in trials if trial.state == state]
        if chosen:
            values = [scale * trial.mean for trial in chosen]
            axes.scatter([trial.number for trial in chosen], values, marker=marker, color=color, s=28, label=name)
    finished = [trial for trial in trials if trial.state == "finished"]
    best = (np.maximum if higher_is_better else np.minimum).accumulate([scale * trial.mean for trial in finished])
    numbers = [*(trial.number for trial in finished), max(trial.number for trial in trials)]
    axes.step(numbers, [*best, best[-1]], where="post", color=ORANGE, label="best so far")
    axes.set(xlabel="trial", ylabel=label)
    axes.xaxis.get_major_locator().set_params(integer=True)
    horizontal_grid(axes)
    figure.legend(loc="outside right center", fontsize=9)
    return figure


@styled
def importance_figure(shares: Mapping[str, float]) -> Figure:
    """Draw the importance of each option as a bar, the largest on top."""
    figure, ((axes,),) = new_figure(width=5.6, height=1.0 + 0.4 * len(shares))
    bars = axes.barh(range(len(shares)), [*shares.values()], color=BLUE, height=0.65)
    axes.bar_label(bars, labels=[f"{100 * share:.0f} %" for share in shares.values()], fontsize=9, padding=3)
    axes.set_yticks(range(len(shares)), [*shares])
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.12), xticks=[], title="Importance")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure


@styled
def slices_figure(space: Sequence[Searched], trials: Sequence[Trial], best: Trial, scale: float, label: str) -> Figure:
    """Draw the value of all trials against each option, one pair of axes for each.

    Args:
        space: the options.
        trials: finished trials, and those that stopped early.
        best: the best trial.
        scale: from the value of a trial to the axis.
        label: of the axis.
    """
    columns = min(3, len(space))
    rows = -(-len(space) // columns)
    figure, grid = new_figure(rows, columns, width=0.8 + 2.6 * columns, height=2.6 * rows)
    for axes in grid.flat[len(space) :]:
        axes.set_visible(False)
    for number, (axes, one) in enumerate(zip(grid.flat, space, strict=False)):
        for trial in trials:
            marker, color, _ = MARKS[trial.state]
            is_best = trial.number == best.number
            style = {"marker": marker, "color": ORANGE if is_best else color, "s": 46 if is_best else 24}
            axes.scatter([_place(one, trial)], [scale * trial.mean], zorder=3 if is_best else 2, **style)
        _label(axes, one)
        if number % columns == 0:
            axes.set(ylabel=label)
        horizontal_grid(axes)
    return figure


def _place(one: Searched, trial: Trial) -> float:
    value = trial.options[one.option]
    return float(one.choices.index(value)) if one.choices else float(value)  # type: ignore[arg-type]


def _label(axes: Axes, one: Searched) -> None:
    axes.set(xlabel=one.option)
    low, high = one.low, one.high
    if one.choices:
        axes.set_xticks(range(len(one.choices)), [short(value) for value in one.choices])
        axes.margins(x=0.25)
    elif low is not None and high is not None:
        axes.set_xscale("log" if one.log else "linear")
        edge = (high / low) ** 0.04 if one.log else 0.04 * (high - low)
        axes.set_xlim(*((low / edge, high * edge) if one.log else (low - edge, high + edge)))
        axes.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())
