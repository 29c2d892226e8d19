"""How often the test of gaps between groups finds a difference at 0.05 where there is none, and its intervals miss it.

    python -m benchmarks.gap_size --repeats 4000

People with 1 to 8 images each are drawn, in groups of equal true accuracy. The accuracy of a person has a beta
distribution: (4, 2) in all groups (alike), or (0.8, 0.4) in the first and (20, 10) in the second (spread), which have
the same mean. In `crossed`, all people have images in three groups.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from benchmarks import measure
from fercli.metrics.gaps import gaps, pseudo_values

DRAWS = 199  # permutations and resamples of each test
# Number of people in each group, and whether their accuracies are alike.
WORLDS = {
    "alike_20_20_20": ((20, 20, 20), True),
    "alike_12_12_12": ((12, 12, 12), True),
    "alike_10_10": ((10, 10), True),
    "alike_12_60": ((12, 60), True),
    "spread_15_90": ((15, 90), False),
    "spread_10_60": ((10, 60), False),
}
CROSSED = {"crossed_30": 30}
SHAPES = {True: ((4.0, 2.0), (4.0, 2.0)), False: ((0.8, 0.4), (20.0, 10.0))}


def people(sizes: Sequence[int], alike: bool, generator: np.random.Generator) -> np.ndarray:
    """(U, G) pseudo-values of the accuracy of drawn people, in one group each."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    shapes = np.array(SHAPES[alike])[np.minimum(group, 1)]
    quality, images = generator.beta(*shapes.T), generator.integers(1, 9, len(group))
    unit = np.repeat(np.arange(len(group)), images)
    return _pseudo(generator.random(len(unit)) < quality[unit], unit, group[unit], len(sizes))


def crossed(number: int, generator: np.random.Generator) -> np.ndarray:
    """(U, 3) pseudo-values of the accuracy of people with 1 to 8 images in each of three groups."""
    images = generator.integers(1, 9, (number, 3))
    unit, group = (np.repeat(one.ravel(), images.ravel()) for one in np.indices((number, 3)))
    quality = generator.beta(4, 2, number)
    return _pseudo(generator.random(len(unit)) < quality[unit], unit, group, 3)


def _pseudo(hits: np.ndarray, unit: np.ndarray, group: np.ndarray, number: int) -> np.ndarray:
    rows = [np.flatnonzero(group == one) for one in range(number)]
    shares = [lambda places, own=hits[own]: own[places].mean() if len(places) else np.nan for own in rows]
    return pseudo_values(shares, [unit[own] for own in rows])


def rates(name: str, repeats: int, seed: int) -> tuple[float, float]:
    """Return how often the test finds a difference at 0.05, and how often all intervals hold 0 together."""
    generator, found, held = np.random.default_rng(seed), 0, 0
    for repeat in range(repeats):
        drawn = crossed(CROSSED[name], generator) if name in CROSSED else people(*WORLDS[name], generator)
        test = gaps(drawn, DRAWS, repeat)
        assert test is not None
        found += test.p <= 0.05
        held += all(pair.low <= 0 <= pair.high for pair in test.pairs)
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
        table = report.table("Equal groups", columns)
        for seed, name in enumerate(options.worlds):
            (found, held), took = measure.once(partial(rates, name, options.repeats, seed))
            table.add(name, 100 * found, 100 * held, took.cpu)


if __name__ == "__main__":
    main()
