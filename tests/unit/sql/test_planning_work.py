"""What a question may make the planner do: work that grows with the size of its text, and no faster."""

from collections.abc import Callable

import pytest
from sqlglot import exp, parse_one

from jali.model.codes import TooLarge
from jali.plan import domains
from jali.plan.build import MOST_VALUES
from jali.sql import nearest as repairing
from jali.sql.expressions import Translator
from jali.sql.marks import MOST_LEVELS, MOST_PARTS, Marks, check_size
from tests.guarantee.plans import plan_of
from tests.guarantee.world import Caps


def chain(part: str, length: int) -> str:
    return "+".join([part] * length)


def translations(monkeypatch: pytest.MonkeyPatch, sql: str) -> int:
    """Return how many nodes were translated, those looked up in a memo left out."""
    seen: list[exp.Expression] = []
    plain: Callable[[Translator, exp.Expression], object] = Translator._translated

    def counted(self: Translator, node: exp.Expression) -> object:
        seen.append(node)
        return plain(self, node)

    monkeypatch.setattr(Translator, "_translated", counted)
    plan_of(sql, Caps(max_rows=5))
    monkeypatch.setattr(Translator, "_translated", plain)
    return len(seen)


@pytest.mark.parametrize(
    "shape",
    ["SELECT k, {} AS y, COUNT(*) FROM events GROUP BY k", "SELECT {}, COUNT(*) FROM events GROUP BY 1"],
)
def test_a_chain_over_keys_is_read_in_steps_that_grow_with_its_length(
    monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    short = translations(monkeypatch, shape.format("ABS(k) + " + chain("ABS(k)", 20)))
    long = translations(monkeypatch, shape.format("ABS(k) + " + chain("ABS(k)", 80)))
    assert long < 5 * short


def test_deep_and_large_texts_are_refused_before_they_are_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        pytest.fail("the text was planned")

    monkeypatch.setattr(Translator, "_translated", never)
    deep = "SELECT SUM(" + chain("x", MOST_LEVELS + 1) + ") FROM events"
    large = "SELECT COUNT(*) FROM events WHERE " + " AND ".join(["x + x + x + x > x"] * (MOST_PARTS // 10))
    for sql in (deep, large):
        with pytest.raises(TooLarge):
            plan_of(sql, Caps(max_rows=5))


def test_conjunctions_do_not_count_as_nesting() -> None:
    check_size(parse_one("SELECT 1 FROM t WHERE " + " AND ".join(["(x > 1)"] * 900)))


def test_each_subquery_is_measured_from_its_own_top() -> None:
    inner = "SELECT " + chain("x", 150) + " AS x FROM "
    check_size(parse_one(inner + "(" + inner + "t) u"))


def marks_of(sql: str, alias: str = "n") -> dict[str, bool]:
    marks = Marks(lambda column: column.name == alias)
    root = parse_one(sql)
    return {node.sql(): marks.may_be_key(node) for node in root.walk() if isinstance(node, exp.Condition)}


def test_keys_read_columns_and_nothing_released() -> None:
    found = marks_of("ABS(a + 1) + COUNT(b) + n * (2 - c)")
    assert found["ABS(a + 1)"]
    assert found["(2 - c)"]
    assert not found["ABS(a + 1) + COUNT(b)"]
    assert not found["n * (2 - c)"]
    assert not found["2"]


def test_a_part_that_was_not_walked_is_looked_at_by_itself() -> None:
    marks = Marks(lambda _: False)
    assert not marks.may_be_key(parse_one("COUNT(a)"))
    assert marks.may_be_key(parse_one("a + 1"))


def test_long_answers_of_long_expressions_are_refused() -> None:
    outputs = ", ".join(chain("COUNT(*)", 100) + f" AS x{i}" for i in range(40))
    plan_of(f"SELECT k, {outputs} FROM events GROUP BY k", Caps(max_rows=5))
    with pytest.raises(TooLarge, match=f"at most {MOST_VALUES // 1000} parts"):
        plan_of(f"SELECT s, {outputs} FROM events GROUP BY s", Caps(max_rows=5, max_groups=3))


def test_keys_of_long_expressions_are_derived_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "SELECT " + chain("k", 9) + " AS y, COUNT(*) FROM events GROUP BY 1"
    assert plan_of(key, Caps(max_rows=5)).exact.keys[0].values is not None
    domains._image_over.cache_clear()
    monkeypatch.setattr(domains, "MOST_IMAGES", 10)
    monkeypatch.setattr(domains, "_image_over", None)
    plan_of(key, Caps(max_rows=5, max_groups=3))


def test_the_nearest_question_of_a_long_text_is_tried_less_often() -> None:
    assert repairing.MOST_TRIED_CHARACTERS // repairing._LONGEST < repairing.MOST_TRIED
