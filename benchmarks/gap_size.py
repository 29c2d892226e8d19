"""How often the test of gaps between groups finds a difference at 0.05, and how often its intervals hold the true one.

    python -m benchmarks.gap_size --repeats 4000

People with 1 to 8 images each are drawn, in groups of equal true accuracy. The accuracy of a person has a beta
distribution: (4, 2) in all groups (alike), or (0.8, 0.4) in the first and (20, 10) in the second (spread), which have
the same mean. In `crossed`, all people have images in three groups. These groups are equal. In the worlds `gap`, the
first group is worse: (2.4, 3.6) against (4, 2), or (0.4, 0.8) against (20, 10), which is a true gap of 0.27 or 0.33.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from benchmarks import measure
from fercli.metrics.gaps import gaps
from fercli.metrics.pseudo_values import pseudo_values

DRAWS = 199  # permutations and resamples of each test
ALIKE, SPREAD = ((4.0, 2.0), (4.0, 2.0)), ((0.8, 0.4), (20.0, 10.0))
# Number of people in each group, and the shapes of the accuracies in the first group and in the others.
WORLDS = {
    "alike_20_20_20": ((20, 20, 20), ALIKE),
    "alike_12_12_12": ((12, 12, 12), ALIKE),
    "alike_10_10": ((10, 10), ALIKE),
    "alike_12_60": ((12, 60), ALIKE),
    "spread_15_90": ((15, 90), SPREAD),
    "spread_10_60": ((10, 60), SPREAD),
    "gap_alike_12_60": ((12, 60), ((2.4, 3.6), (4.0, 2.0))),
    "gap_spread_15_90": ((15, 90), ((0.4, 0.8), (20.0, 10.0))),
}
CROSSED = {"crossed_30": 30}
Shapes = tuple[tuple[float, float], tuple[float, float]]
PseudoValues = tuple[np.ndarray, np.ndarray]  # of `pseudo_values`


def people(sizes: Sequence[int], of_groups: Shapes, generator: np.random.Generator) -> PseudoValues:
    """(U, G) pseudo-values of the accuracy of drawn people, in one group each."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    shapes = np.array(of_groups)[np.minimum(group, 1)]
    quality, images = generator.beta(*shapes.T), generator.integers(1, 9, len(group))
    unit = np.repeat(np.arange(len(group)), images)
    return _pseudo(generator.random(len(unit)) < quality[unit], unit, group[unit], len(sizes))


def crossed(number: int, generator: np.random.Generator) -> PseudoValues:
    """(U, 3) pseudo-values of the accuracy of people with 1 to 8 images in each of three groups."""
    images = generator.integers(1, 9, (number, 3))
    unit, group = (np.repeat(one.ravel(), images.ravel()) for one in np.indices((number, 3)))
    quality = generator.beta(4, 2, number)
    return _pseudo(generator.random(len(unit)) < quality[unit], unit, group, 3)


def _pseudo(hits: np.ndarray, unit: np.ndarray, group: np.ndarray, number: int) -> PseudoValues:
    rows = [np.flatnonzero(group == one) for one in range(number)]
    shares = [lambda places, own=hits[own]: own[places].mean() if len(places) else np.nan for own in rows]
    return pseudo_values(shares, [unit[own] for own in rows])


def rates(name: str, repeats: int, seed: int) -> tuple[float, float]:
    """Return how often the test finds a difference at 0.05, and how often all intervals hold the truth together."""
    generator, found, held = np.random.default_rng(seed), 0, 0
    first, others = (a / (a + b) for a, b in WORLDS[name][1]) if name in WORLDS else (0.0, 0.0)
    for repeat in range(repeats):
        drawn = crossed(CROSSED[name], generator) if name in CROSSED else people(*WORLDS[name], generator)
        test = gaps(*drawn, DRAWS, repeat)
        assert test is not None
        found += test.p <= 0.05
        true = [first - others if pair.first == 0 else 0.0 for pair in test.pairs]
        held += all(pair.low <= one <= pair.high for pair, one in zip(test.pairs, true, strict=True))
    return found / repeats, held / repeats


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rates of all worlds."""
    parser = measure.parser_of(__spec__.name, __doc__, 4000, "drawn data sets in each world")
    parser.add_argument(
        "--worlds", type=measure.names, default=[*WORLDS, *CROSSED], help=f"of {', '.join([*WORLDS, *CROSSED])}"
    )
    options = parser.parse_args(arguments)
    with measure.report(options) as report:
        columns = {"people": "", "found at 0.05 %": ".1f", "intervals hold %": ".1f", "CPU s": ".1f"}
        table = report.table("Groups", columns)
        for name in options.worlds:
            seed = [*WORLDS, *CROSSED].index(name)  # the same for one world alone
            (found, held), took = measure.once(partial(rates, name, options.repeats, seed))
            table.add(name, 100 * found, 100 * held, took.cpu)


if __name__ == "__main__":
    main()
