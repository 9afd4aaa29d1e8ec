"""Totals and parts add up: exactly before rounding, and to within the last rounding as they are printed."""

from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from jali.plan.answer import Rows, finish
from jali.plan.levels import measured_lines, with_levels
from jali.plan.noisy import Noisy
from tests.guarantee.plans import plan_of
from tests.guarantee.world import AUTO, Caps

KEYS = tuple(product(range(5), range(4)))
CUBE = "SELECT k, t, GROUPING(k, t) AS g, SUM(x) AS s, COUNT(*) AS n FROM events GROUP BY CUBE (k, t)"
PLANS = [plan_of(CUBE, caps) for caps in (Caps(max_groups=None), Caps(max_groups=None, clip=AUTO))]
cells = st.lists(st.integers(-(10**15), 10**15), min_size=20, max_size=20)


def totals_of(column: list[int], divisor: int, which: int) -> Noisy:
    norms = {n.group.id: 4 for n in PLANS[which].noises if n.choice_nano_rho}
    divisors = {"s0": divisor, "s1": divisor} if divisor > 1 else {}
    return Noisy(KEYS, {"s0": tuple(column), "s1": tuple(reversed(column))}, norms, divisors)


@settings(max_examples=100, deadline=None)
@given(cells, st.sampled_from([1, 7, 28_396_703]), st.integers(0, 1))
def test_unrounded_totals_are_exactly_the_sums_of_their_parts(
    column: list[int], divisor: int, which: int
) -> None:
    plan, noisy = PLANS[which], totals_of(column, divisor, which)
    lines = with_levels(
        measured_lines(noisy.keys, noisy.totals(), noisy.norms), plan.exact.keys, plan.cleared.query.levels
    )
    assert len(lines.keys) == 20 + 5 + 4 + 1
    for name in ("s0", "s1"):
        whole = noisy.totals()[name]
        for key, added, value, count in zip(
            lines.keys, lines.added_up, lines.values[name], lines.cells, strict=True
        ):
            parts = [
                v
                for k, v in zip(KEYS, whole, strict=True)
                if all(is_sum or a == b for a, b, is_sum in zip(k, key, added, strict=True))
            ]
            assert value == sum(parts)
            assert count == len(parts)


def by_level(rows: Rows, level: int) -> list[tuple[tuple[object, object], Fraction, Fraction]]:
    return [
        ((row[0], row[1]), Fraction(str(row[3])), Fraction(str(row[4])))
        for row in rows.unclamped
        if row[2] == level
    ]


@settings(max_examples=100, deadline=None)
@given(cells, st.sampled_from([1, 7, 28_396_703]), st.integers(0, 1))
def test_printed_totals_differ_from_printed_parts_by_the_last_rounding(
    column: list[int], divisor: int, which: int
) -> None:
    plan = PLANS[which]
    rows = finish(plan, totals_of(column, divisor, which))
    parts, by_k, (total,) = by_level(rows, 0), by_level(rows, 1), by_level(rows, 3)
    steps = (Fraction(1, 4), Fraction(1))
    for measure, step in ((1, steps[0]), (2, steps[1])):
        for (k, _), *values in by_k:
            below = [p[measure] for p in parts if p[0][0] == k]
            assert len(below) == 4
            assert abs(values[measure - 1] - sum(below)) <= Fraction(5, 2) * step
        assert abs(total[measure] - sum(p[measure] for p in parts)) <= Fraction(21, 2) * step
