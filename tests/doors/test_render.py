"""What a person sees: rounding to the noise, marks, bars, charts, notes; on answers made by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jali.model.codes import PurposeNotAllowed, UnknownColumn
from jali.model.errors import Place, Suggestion, together
from jali.model.release import ContractReference, Note, OutputColumn, Privacy, Release, Value
from jali.serve.cells import key_columns, measures, runs_in_time
from jali.serve.chart import Glyphs, Span, bar, columns
from jali.serve.formats import csv_text
from jali.serve.refusal import refusal
from jali.serve.render import Page, answer, merged
from jali.serve.text import harmless, quantum, rounded, rounded_down, rounded_up

Row = tuple[Value, Value, float | None]


def release(
    rows: list[Row], *, key: str = "VARCHAR", name: str = "brand", kind: str = "DECIMAL(18,2)"
) -> Release:
    def interval(value: Value, sd: float | None) -> tuple[Value, Value] | None:
        if not isinstance(value, Decimal | int) or sd is None:
            return None
        return max(Decimal(0), value - Decimal(2 * sd)), value + Decimal(2 * sd)

    return Release(
        release_id="01a20be7-fb19-7a67-9faa-1941c4fb7360",
        columns=(OutputColumn(name, key, "key"), OutputColumn("sales", kind, "measure", "g", None, "USD")),
        rows=tuple((k, v) for k, v, _ in rows),
        intervals=tuple((None, interval(v, sd)) for _, v, sd in rows),
        noise_sd=tuple((None, sd) for _, _, sd in rows),
        unclamped=tuple((k, v) for k, v, _ in rows),
        confidence=0.95,
        notes=(),
        privacy=Privacy("household", "urn:p", 1, 1.0, 1e-6, 0, (), is_kept=False),
        remaining={},
        contracts=(ContractReference("urn:c", "1", "d"),),
    )


def text(found: Release, width: int = 80) -> str:
    return "\n".join(line.plain for line in answer(found, None, Page(width)))


def test_the_picture_of_the_specification() -> None:
    shown = text(
        release([("National", Decimal("3280123.45"), 45000.0), ("Private", Decimal("1290333.00"), 45000.0)])
    )
    assert shown.splitlines()[1:4] == [
        "  brand      sales, USD                                   19 times in 20",
        "  National    3 280 000   ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇░░   3 190 000 to 3 371 000",
        "  Private     1 290 000   ▇▇▇▇▇▇▇▇▇▇░░                    1 200 000 to 1 381 000",
    ]


def test_two_digits_of_the_noise_decide_the_last_digit() -> None:
    assert rounded(Decimal("41233.10"), quantum(812.4, Decimal("0.01"))) == "41 230"
    assert rounded(Decimal("3.14159"), quantum(0.0117, Decimal("0.0001"))) == "3.142"
    assert rounded(Decimal(45), quantum(0.3, Decimal(1))) == "45"


@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False),
    st.floats(min_value=1e-6, max_value=1e8),
)
def test_intervals_are_rounded_outward(value: Decimal, sd: float) -> None:
    last = quantum(sd, Decimal("0.0001"))
    low, high = (Decimal(t.replace(" ", "")) for t in (rounded_down(value, last), rounded_up(value, last)))
    assert low <= value <= high
    assert high - low <= last


@given(st.text())
def test_nothing_shown_can_steer_a_terminal(name: str) -> None:
    shown = harmless(name)
    assert len(shown) == len(name)
    assert not any(c in shown for c in "\x1b\x9b\x07\r\n\t\u202e\u2066\u200b\u2028\x00")


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_key_breaks_a_line_or_a_csv(key: str, name: str) -> None:
    found = release([(key, Decimal("10.00"), 1.0)], name=name)
    lines = text(found).splitlines()
    assert len(lines) == 5
    cells = csv_text(found)
    assert cells.count("\n") == 2
    assert not cells.splitlines()[1].startswith(("=", "+", "-", "@"))


def test_a_noisy_cell_is_marked_and_has_no_bar() -> None:
    shown = text(release([("a", Decimal(1000), 10.0), ("b", Decimal(40), 10.0), ("c", None, None)]))
    rows = {line.split()[0]: line for line in shown.splitlines() if line.startswith("  ") and line.split()}
    assert "▇" in rows["a"]
    assert "too noisy" in rows["b"]
    assert "▇" not in rows["b"]
    assert "not shown" in rows["c"]
    assert "do not rely on it" in " ".join(shown.split())


def test_a_fifth_is_the_limit() -> None:
    flags = [measures(release([("a", Decimal(100), sd)]))[0].cells[0].flag for sd in (20.0, 20.1)]
    assert flags == ["", "too noisy"]


def test_time_in_order_is_drawn_as_a_chart() -> None:
    rows: list[Row] = [(week, Decimal(100 + week), 1.0) for week in range(1, 11)]
    found = release(rows, key="BIGINT", name="week")
    assert runs_in_time(found)
    assert "│" in text(found)
    backwards = release(rows[::-1], key="BIGINT", name="week")
    assert not runs_in_time(backwards)
    assert "│" not in text(backwards)


def test_months_are_shown_as_months() -> None:
    rows: list[Row] = [(f"2026-{m:02d}-01 00:00:00", Decimal(1), 1.0) for m in (1, 2)]
    found = release([*rows, ("(null)", Decimal(1), 1.0)], key="TIMESTAMP")
    assert key_columns(found)[0][1] == ["2026-01", "2026-02", "(null)"]


def test_the_middle_of_a_long_answer_is_left_out() -> None:
    found = release([(f"k{i}", Decimal(100), 1.0) for i in range(300)])
    shown = text(found)
    assert "... 100 more rows" in shown
    assert "k299" in shown


def test_ascii_terminals_get_ascii() -> None:
    rows: list[Row] = [(week, Decimal(100 + week), 1.0) for week in range(1, 11)]
    page = Page(80, glyphs=Glyphs.of("ANSI_X3.4-1968"))
    for found in (release(rows, key="BIGINT", name="week"), release([("a", Decimal(5), 0.1)])):
        assert all(line.plain.isascii() for line in answer(found, None, page))


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_wide_and_long_keys_fit(width: int) -> None:
    found = release([("食料品" * 30, Decimal(10), 1.0), ("x" * 200, Decimal(1), 1.0)])
    from rich.cells import cell_len

    assert max(cell_len(line) for line in text(found, width).splitlines()) <= max(width, 64)


def test_a_bar_ends_where_its_interval_ends() -> None:
    solid, edge = bar(Span(25, 50, 75), 100, 20, Glyphs())
    assert (len(solid), len(edge)) == (5, 10)
    assert bar(Span(0, 0, 0), 0.0, 20, Glyphs()) == ("", "")


def test_a_chart_of_nothing_is_empty() -> None:
    assert all("█" not in drawing for _, drawing in columns([None, None], ["1", "2"], (20, 0.0), Glyphs()))


def test_a_bound_that_was_found_replaces_the_note_that_it_would_be() -> None:
    notes = (
        Note(
            "N301",
            "SUM(x): what each unit counts up to is found privately (at most 9); "
            "aimed so that about 1 % of units lie above it",
        ),
        Note("N303", "a unit counts with 5 rows at most"),
        Note("N307", "SUM(x): each unit counts up to 4 (found privately)"),
    )
    assert merged(notes, is_single=True) == [
        "each unit counts up to 4 (found privately); aimed so that about 1 % of units lie above it",
        "a unit counts with 5 rows at most",
    ]


def test_a_refusal_shows_place_rule_way_out_and_suggestion() -> None:
    first = UnknownColumn("no column x", hint="did you mean y?", place=Place("SELECT x FROM t", 7, 1))
    second = PurposeNotAllowed(
        "not for this", where="a.yaml, line 3", suggestion=Suggestion("SELECT y FROM t", "0.5")
    )
    shown = [line.plain for line in refusal(together([first, second]), Page(80))]
    at = shown.index("    SELECT x FROM t")
    assert shown[at + 1] == "           ^"
    assert any("a.yaml, line 3" in line for line in shown)
    assert any(line.split(maxsplit=1)[:1] == ["Accepted"] for line in shown)
    assert any("at epsilon 0.5" in line for line in shown)


def test_other_confidences_have_their_words() -> None:
    found = replace(release([("a", Decimal(5), 0.1)]), confidence=0.9)
    assert "9 times in 10" in text(found)
