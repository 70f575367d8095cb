"""Intervals and tests against published values."""

import math

import pytest

from plan_and_act.evaluation.statistics import bootstrap, cluster_note, compare, mcnemar, tango, wilson


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (score without continuity correction)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(successes: int, count: int, low: float, high: float) -> None:
    assert wilson(successes, count) == pytest.approx((low, high), abs=5e-5)


def test_wilson_at_the_ends() -> None:
    assert wilson(0, 0) == (0, 1)
    assert wilson(20, 20) == pytest.approx((1 - 0.1611, 1), abs=5e-5)
    assert wilson(0, 5).low == 0
    assert wilson(5, 5).high == 1
    assert wilson(8, 10, confidence=0.99).low < wilson(8, 10).low


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (2, 9, 0.06543),  # the vignette of R's exact2x2, mcnemar.exact
        (9, 2, 0.06543),
        (0, 0, 1.0),
        (5, 5, 1.0),
        (0, 5, 0.0625),
        (0, 6, 0.03125),
    ],
)
def test_mcnemar_as_published(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(p, abs=5e-6)


@pytest.mark.parametrize(
    ("plus", "minus", "count", "confidence", "low", "high"),
    [  # the first is of Fagerland, Lydersen and Laake's book, chapter 8; the others of R's PropCIs, scoreci.mp
        (1, 7, 21, 0.95, -0.517, -0.026),
        (20, 60, 1000, 0.95, -0.0584, -0.0231),
        (60, 20, 1000, 0.95, 0.0231, 0.0584),
        (28, 25, 618, 0.90, -0.0148, 0.0247),
    ],
)
def test_tango_as_published(plus: int, minus: int, count: int, confidence: float, low: float, high: float) -> None:
    assert tango(plus, minus, count, confidence=confidence) == pytest.approx((low, high), abs=4e-4)


def test_tango_where_all_pairs_are_alike() -> None:
    square = 1.959964**2  # there it has a closed form
    edge = square / (20 + square)
    assert tango(0, 0, 20) == pytest.approx((-edge, edge))
    assert tango(4, 0, 4) == pytest.approx(((4 - square) / (4 + square), 1))
    assert tango(0, 4, 4) == pytest.approx((-1, (square - 4) / (4 + square)))


@pytest.mark.parametrize(
    ("first", "second", "count", "interval"),
    [(False, False, 20, (-0.161, 0.161)), (False, True, 4, (0.020, 1)), (True, False, 4, (-1, -0.020))],
)
def test_a_comparison_without_variation_is_not_certain(
    first: bool, second: bool, count: int, interval: tuple[float, float]
) -> None:
    names = list(map(str, range(count)))
    found = compare(dict.fromkeys(names, first), dict.fromkeys(names, second), {})
    assert found.interval == pytest.approx(interval, abs=5e-4)


def test_the_bootstrap_of_independent_values_agrees_with_theory() -> None:
    values = [[1.0]] * 60 + [[0.0]] * 40
    low, high = bootstrap(values)
    half = 1.96 * math.sqrt(0.6 * 0.4 / 100)
    assert (low, high) == pytest.approx((0.6 - half, 0.6 + half), abs=0.015)
    assert bootstrap(values) == (low, high)


def test_the_bootstrap_is_less_sure_of_clusters() -> None:
    apart = bootstrap([[float(i % 2)] for i in range(100)])
    together = bootstrap([[float(i % 2)] * 10 for i in range(10)])
    assert together.high - together.low > 2 * (apart.high - apart.low)
    assert all(math.isnan(edge) for edge in bootstrap([]))


def test_a_comparison_is_of_the_shared_episodes() -> None:
    first = {"a/1": True, "a/2": False, "b/1": False, "b/2": False, "only-first": True}
    second = {"a/1": True, "a/2": True, "b/1": True, "b/2": False, "only-second": True}
    found = compare(first, second, {"a/1": "a", "a/2": "a", "b/1": "b", "b/2": "b"})
    assert (found.both, found.only_first, found.only_second, found.neither) == (1, 0, 2, 1)
    assert found.pairs == 4
    assert found.difference == 0.5
    # Two tasks, which both differ by one half, are too few to draw from: that would tell of no doubt at all.
    assert found.interval == (0.0, 1.0)
    assert found.p == 0.5
    assert found.clusters == 2
    assert "4 episodes of 2 tasks" in (found.note or "")
    assert "goes by episodes" in (found.note or "")


@pytest.mark.parametrize("better", [1, 5, 10])
def test_with_tasks_enough_the_interval_goes_by_whole_ones(better: int) -> None:
    names = [f"{task}/{episode}" for task in range(10) for episode in range(2)]
    tasks = {name: name.partition("/")[0] for name in names}
    first, second = dict.fromkeys(names, False), {name: int(tasks[name]) < better for name in names}
    found, each = compare(first, second, tasks), compare(first, second, {name: name for name in names})
    assert found.interval.high - found.interval.low > each.interval.high - each.interval.low
    assert "goes by whole tasks" in (found.note or "")


def test_tasks_that_all_differ_by_one_half_are_not_certain() -> None:
    names = [f"{task}/{episode}" for task in range(10) for episode in range(2)]
    first, second = dict.fromkeys(names, False), {name: name.endswith("0") for name in names}
    found = compare(first, second, {name: name.partition("/")[0] for name in names})
    assert found.interval == tango(5, 0, 10)


def test_nothing_shared_is_no_difference() -> None:
    found = compare({"a": True}, {"b": True}, {})
    assert found.pairs == 0
    assert math.isnan(found.difference)
    assert found.p == 1


def test_independent_episodes_need_no_note() -> None:
    assert cluster_note(10, 10) is None
