"""How sure one can be: intervals for rates, and tests for two agents on the same episodes.

Sources: E. B. Wilson, JASA 22 (1927), for the interval (Newcombe, Statistics in Medicine 17 (1998), compares it with
others); Q. McNemar, Psychometrika 12 (1947), in its exact form; B. Efron, Annals of Statistics 7 (1979), for the
bootstrap, here with all episodes of a task drawn together; T. Tango, Statistics in Medicine 17 (1998), for the score
interval of paired rates, which takes its place where nothing varies: there it would claim to be certain.
"""

import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

RESAMPLES = 2_000
ENOUGH = 10
"""Tasks from which a bootstrap that draws whole tasks means anything."""


class Interval(NamedTuple):
    """From where to where."""

    low: float
    high: float


def wilson(successes: int, count: int, *, confidence: float = 0.95) -> Interval:
    """Wilson's interval of a success rate; of nothing, from 0 to 1."""
    if not count:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate, square = successes / count, z * z
    middle = (rate + square / (2 * count)) / (1 + square / count)
    half = z / (1 + square / count) * math.sqrt(rate * (1 - rate) / count + square / (4 * count * count))
    return Interval(
        0.0 if successes == 0 else max(middle - half, 0.0), 1.0 if successes == count else min(middle + half, 1.0)
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """The exact two-sided p-value of McNemar's test.

    Args:
        only_first: Episodes in which only the first agent succeeded.
        only_second: Those in which only the second did.
    """
    count, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(math.comb(count, k) for k in range(fewer + 1))
    return min(float(2 * tail / 2**count), 1.0)


def bootstrap(
    clusters: Sequence[Sequence[float]], *, confidence: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """The percentile interval of a mean, where the values of a cluster are not independent of each other.

    Args:
        clusters: The values (rewards, or differences of two agents' rewards), a sequence for each cluster.
        confidence: How sure.
        resamples: How often clusters are drawn.
        seed: The same seed gives the same interval.
    """
    rng = random.Random(seed)
    sums = [(sum(values), len(values)) for values in clusters if values]
    if not sums:
        return Interval(math.nan, math.nan)
    means = []
    for _ in range(resamples):
        drawn = rng.choices(sums, k=len(sums))
        means.append(sum(total for total, _ in drawn) / sum(count for _, count in drawn))
    means.sort()
    edge = (1 - confidence) / 2
    return Interval(_quantile(means, edge), _quantile(means, 1 - edge))


def tango(plus: float, minus: float, count: float, *, confidence: float = 0.95) -> Interval:
    """Tango's score interval of the mean difference of pairs; that all pairs are alike does not make it certain.

    Args:
        plus: Pairs with a difference of 1.
        minus: Those with a difference of -1.
        count: All of them, those without a difference as well.
        confidence: How sure.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)

    def inside(difference: float) -> bool:
        # The likeliest share of `minus` under this difference.
        b = (2 * count - plus + minus) * difference - plus - minus
        c = -minus * difference * (1 - difference)
        share = (math.sqrt(max(b * b - 8 * count * c, 0.0)) - b) / (4 * count)
        variance = max(2 * share + difference * (1 - difference), 0.0)
        return abs(plus - minus - count * difference) <= z * math.sqrt(count * variance)

    def edge(far: float) -> float:
        near = (plus - minus) / count
        for _ in range(50):
            middle = (near + far) / 2
            near, far = (middle, far) if inside(middle) else (near, middle)
        return far

    return Interval(edge(-1.0), edge(1.0))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two agents on the same episodes: how many each succeeded in, and whether the difference can be chance."""

    both: int
    only_first: int
    only_second: int
    neither: int
    difference: float
    """The second's rate less the first's."""
    interval: Interval
    """Of the difference: bootstrap over the tasks, or over the episodes where there are fewer tasks than `ENOUGH`;
    Tango's where they are all alike."""
    p: float
    """McNemar's exact test."""
    clusters: int
    """Tasks the episodes are of."""

    @property
    def pairs(self) -> int:
        """Episodes that both did."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def note(self) -> str | None:
        """What to bear in mind when several episodes are of one task."""
        if not (said := cluster_note(self.pairs, self.clusters)):
            return None
        by = "whole tasks"
        if self.clusters < ENOUGH:
            by = f"episodes, too: {self.clusters} tasks are too few to draw from"
        return f"{said} The interval of the difference goes by {by}."


def compare(first: Mapping[str, bool], second: Mapping[str, bool], clusters: Mapping[str, str]) -> Comparison:
    """Compare two agents on the episodes that both have done.

    Args:
        first: Success by episode.
        second: Success by episode.
        clusters: By episode, the task it is of.
    """
    shared = [name for name in first if name in second]
    groups: dict[str, list[float]] = defaultdict(list)
    for name in shared:
        groups[clusters.get(name, name)].append(float(second[name]) - float(first[name]))
    only_first = sum(first[name] and not second[name] for name in shared)
    only_second = sum(second[name] and not first[name] for name in shared)
    both = sum(first[name] and second[name] for name in shared)
    drawn = (
        list(groups.values()) if len(groups) >= ENOUGH else [[value] for group in groups.values() for value in group]
    )
    interval = bootstrap(drawn)
    if interval.low == interval.high:
        share = len(drawn) / len(shared)
        interval = tango(only_second * share, only_first * share, len(drawn))
    return Comparison(
        both=both,
        only_first=only_first,
        only_second=only_second,
        neither=len(shared) - both - only_first - only_second,
        difference=(only_second - only_first) / len(shared) if shared else math.nan,
        interval=interval,
        p=mcnemar(only_first, only_second),
        clusters=len(groups),
    )


def cluster_note(episodes: int, clusters: int) -> str | None:
    """What to say beside an interval or test that takes episodes for independent; None where they are."""
    if clusters >= episodes:
        return None
    return (
        f"{episodes} episodes of {clusters} tasks: episodes of one task resemble each other, so Wilson's interval and "
        "McNemar's test are surer than they should be."
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
