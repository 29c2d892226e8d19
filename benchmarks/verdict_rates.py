"""How often equal methods get a verdict, and whether real differences get one as often as `seeds_needed` predicts.

Whole studies are simulated: the answers of two methods, with several seeds each, to one test set. The functions that
give claims their verdicts evaluate these answers. An answer is right if its score is above 0. The score is the sum of
five parts: quality of the method, effect of the seed, difficulty of the sample for all methods, effect of the sample on
this method, and noise.

    python -m benchmarks.verdict_rates --repeats 1000
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks import measure
from fercli.metrics.bootstrap import NUM_RESAMPLES
from fercli.metrics.units import Units
from fercli.studies.claims import Comparison, comparison_of
from fercli.studies.corrected import correct
from fercli.studies.decisions import outcome
from fercli.studies.paired_samples import resampled_differences, sampling
from fercli.studies.predictions import Resampled
from fercli.studies.significance import LEVEL, Design, Paired, power
from fercli.studies.study import Claim

SAMPLES = "20,242,3000"
SEEDS = "3,5,10"
SPREADS = {"small": 0.02, "large": 0.15}  # between the seeds of a method, in standard deviations of the score
ALIKE = {"alike": (0.8, 0.1), "unlike": (0.2, 0.4)}  # shares of the score's variance: of the sample, of sample x method
CLAIMS = (1, 4)
RIGHT = 0.8  # share of right answers
MANY_SEEDS = 400  # stand for infinitely many seeds
METRICS = ("share", "error")
DIFFERENT = ((242, "small", 0.4), (242, "large", 0.5), (3000, "small", 0.12), (3000, "large", 0.3))  # with advantage


@dataclass(frozen=True)
class World:
    """The distribution from which studies are drawn.

    Attributes:
        num_samples: size of the test set.
        spread: standard deviation between the seeds of a method.
        shared: share of the variance of the score from the sample that all methods have in common.
        suited: share of the variance from the sample that differs between methods.
        advantage: of the better method, in standard deviations of the score.
        metric: `share` of right answers, or mean `error`, as in regression.
    """

    num_samples: int
    spread: float
    shared: float
    suited: float
    advantage: float = 0.0
    metric: str = "share"


@dataclass(frozen=True)
class TestSet:
    """A drawn test set: ease of its samples for each method, (2, n), and weights of resamples, (num_resamples, n)."""

    world: World
    ease: np.ndarray
    weights: np.ndarray

    def answers(self, generator: np.random.Generator, num_seeds: int) -> np.ndarray:
        """(2, num_seeds, n) answer of each seed of each method to each sample: 1 if right, else 0; or its error."""
        world = self.world
        noise = np.sqrt(1 - world.shared - world.suited)
        seeds = world.spread * generator.standard_normal((2, num_seeds, 1))
        score = self.ease[:, None] + seeds + noise * generator.standard_normal((2, num_seeds, world.num_samples))
        if world.metric == "error":
            return np.exp(-score)  # skewed, like real errors
        return (score > 0).astype(float)


def draw_test_set(world: World, generator: np.random.Generator, resamples: int = NUM_RESAMPLES) -> TestSet:
    """Draw a test set from the world."""
    good = stats.norm.ppf(RIGHT) + world.advantage * np.array([[0.5], [-0.5]])
    hard = np.sqrt(world.shared) * generator.standard_normal(world.num_samples)
    suits = np.sqrt(world.suited) * generator.standard_normal((2, world.num_samples))
    counts = generator.multinomial(world.num_samples, np.full(world.num_samples, 1 / world.num_samples), resamples)
    return TestSet(world, good + hard + suits, counts / world.num_samples)


def compared(test_set: TestSet, answers: np.ndarray) -> Comparison:
    """Test the two methods against each other, in percent if answers are right or wrong."""
    is_share = test_set.world.metric == "share"
    scale = 100.0 if is_share else 1.0
    names, units = np.arange(test_set.world.num_samples), Units.alone(test_set.world.num_samples)
    drawn = scale * np.einsum("bn,msn->msb", test_set.weights, answers, optimize=True)
    better, worse = ({seed: Resampled(values, names, units) for seed, values in enumerate(row)} for row in drawn)
    values = scale * (answers[0].mean(-1) - answers[1].mean(-1))
    pairs = [(pd.Series(a > 0, names), pd.Series(b > 0, names)) for a, b in zip(*answers, strict=True)]
    claim = Claim("better", "worse", test_set.world.metric)
    return comparison_of(claim, values.tolist(), better, worse, scale if is_share else 0.0, pairs if is_share else None)


def verdict_share(test_sets: Iterator[list[TestSet]], num_seeds: int, generator: np.random.Generator) -> float:
    """Return the share of studies in which any claim gets a verdict; each claim has its own test set."""
    decided = []
    for claims in test_sets:
        found = [compared(one, one.answers(generator, num_seeds)) for one in claims]
        outcomes = {outcome(tests, higher_is_better=True) for tests in correct(found)}
        decided.append(outcomes != {"undecided"})
    return float(np.mean(decided))


def null_rate(world: World, num_seeds: int, num_claims: int, repeats: int, seed: int) -> float:
    """Return how often equally good methods get a verdict; every study has another test set."""
    generator = np.random.default_rng(seed)
    kept = [draw_test_set(world, generator) for _ in range(num_claims)]

    def studies() -> Iterator[list[TestSet]]:
        for _ in range(repeats):  # new samples; the resampling weights can stay
            yield [replace(draw_test_set(world, generator, 1), weights=one.weights) for one in kept]

    return verdict_share(studies(), num_seeds, generator)


def truth(test_set: TestSet, generator: np.random.Generator) -> Paired:
    """Return what infinitely many seeds would show on a test set."""
    answers = test_set.answers(generator, MANY_SEEDS)
    found = compared(test_set, answers[:, :10]).over_seeds
    scale = 100.0 if test_set.world.metric == "share" else 1.0
    values = scale * (answers[0].mean(-1) - answers[1].mean(-1))
    drawn = scale * np.einsum("bn,msn->msb", test_set.weights, answers, optimize=True)
    units = Units.alone(test_set.world.num_samples)
    rows = [{seed: Resampled(one, np.arange(0), units) for seed, one in enumerate(row)} for row in drawn]
    spread = sampling(resampled_differences(*rows), units)
    assert found.design is not None
    return replace(found, mean=values.mean(), sd=values.std(ddof=1), design=Design(spread, found.design.step))


def power_rates(world: World, num_seeds: int, repeats: int, seed: int, num_test_sets: int) -> tuple[float, float]:
    """Return how often real differences get a verdict, by `power` and in the studies; means over test sets."""
    generator = np.random.default_rng(seed)
    said, seen = [], []
    for _ in range(num_test_sets):
        test_set = draw_test_set(world, generator)
        said.append(power(truth(test_set, generator), num_seeds, LEVEL))
        same = ([test_set] for _ in range(max(1, repeats // num_test_sets)))
        seen.append(verdict_share(same, num_seeds, generator))
    return float(np.mean(said)), float(np.mean(seen))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rates of all cells."""
    parser = measure.parser_of(__spec__.name, __doc__, 1000, "simulated studies in each cell")
    parser.add_argument("--samples", type=measure.numbers, default=SAMPLES, help="sizes of the test set")
    parser.add_argument("--seeds", type=measure.numbers, default=SEEDS, help="seeds of each method")
    parser.add_argument("--metrics", type=measure.names, default=[*METRICS], help=f"of {', '.join(METRICS)}")
    parser.add_argument("--test-sets", type=measure.positive, default=40, help="drawn for methods that differ")
    options = parser.parse_args(arguments)
    worlds = [
        (World(n, SPREADS[spread], *ALIKE[alike], metric=metric), spread, alike)
        for metric, n, spread, alike in product(options.metrics, options.samples, SPREADS, ALIKE)
        if metric == "share" or alike == "unlike"
    ]
    cell = {"samples": ",", "spread of seeds": "", "seeds": "d"}
    with measure.report(options) as report:
        columns = {"metric": "", "answers": "", **cell, "claims": "d", "verdicts %": ".1f", "CPU s": ".1f"}
        table = report.table("Equally good methods", columns)
        for i, (world, spread, alike) in enumerate(worlds):
            for num_seeds, num_claims in product(options.seeds, CLAIMS):
                if num_claims > 1 and (world.metric != "share" or spread == "small"):
                    continue
                rate_of = partial(null_rate, world, num_seeds, num_claims, options.repeats, seed=i)
                rate, took = measure.once(rate_of)
                table.add(world.metric, alike, world.num_samples, spread, num_seeds, num_claims, 100 * rate, took.cpu)
        columns = {**cell, "advantage": "g", "said %": ".1f", "seen %": ".1f", "CPU s": ".1f"}
        table = report.table("Methods that differ", columns)
        for i, (n, spread, advantage) in enumerate(DIFFERENT):
            for num_seeds in options.seeds if n in options.samples and "share" in options.metrics else ():
                world = World(n, SPREADS[spread], *ALIKE["alike"], advantage=advantage)
                rates_of = partial(power_rates, world, num_seeds, options.repeats, 100 + i, options.test_sets)
                (said, seen), took = measure.once(rates_of)
                table.add(n, spread, num_seeds, advantage, 100 * said, 100 * seen, took.cpu)


if __name__ == "__main__":
    main()
