"""OpenDP's Polars interface at the events questions, (1, 1e-6).

A user counts with 123 rows; with 5 countries, or 20 categories, of 32 rows each: what the declared hints suggest.
`keep="first"`: the default way of choosing keys fails with the version of Polars that OpenDP 0.16 asks for.
"""

import json
import sys

import opendp.prelude as dp
import polars as pl

ROWS, ROWS_OF_A_KEY, RUNS = 123, 32, 5
KEYS = {"country": 5, "category": 20}
dp.enable_features("contrib")


def context(source: str) -> object:
    return dp.Context.compositor(
        data=pl.scan_parquet(source),
        privacy_unit=dp.unit_of(contributions=1, identifier="user_id"),
        privacy_loss=dp.loss_of(epsilon=1.0, delta=1e-6),
        split_evenly_over=1,
        margins=[dp.polars.Margin(max_length=20_000_000)],
    )


def amount() -> pl.Expr:
    return pl.col("amount").cast(float).fill_nan(0.0).fill_null(0.0)


def bounded(query: object, by: list[str]) -> object:
    if not by:
        return query.truncate_per_group(ROWS)
    columns = [pl.col(b) for b in by]
    few = query.truncate_per_group(ROWS_OF_A_KEY, by=columns)
    return few.truncate_num_groups(KEYS[by[-1]], by=columns, keep="first")


COUNTRIES = pl.LazyFrame({"country": [f"C{i:02d}" for i in range(50)]})


def ask(question: str, query: object) -> list[list[object]]:
    if question == "Q1":
        found = bounded(query, []).select(dp.len())
    elif question == "Q2":
        found = query.truncate_per_group(1).select(dp.len())
    elif question == "Q3":
        found = bounded(query, []).select(amount().dp.sum((0.0, 200.0)))
    elif question == "Q4":
        parts = bounded(query, ["country"]).group_by("country").agg(amount().dp.sum((0.0, 200.0)), dp.len())
        frame = parts.with_keys(COUNTRIES).release().collect()
        return [[r[0], r[1] / r[2]] for r in frame.rows() if r[2] > 0]
    elif question == "Q5":
        found = bounded(query, ["category"]).group_by("category").agg(dp.len())
    elif question == "Q6":
        found = bounded(query, ["country", "category"]).group_by("country", "category").agg(dp.len())
    elif question == "Q7":
        candidates = [x / 4 for x in range(801)]
        parts = bounded(query, ["country"]).group_by("country").agg(amount().dp.quantile(0.5, candidates))
        found = parts.with_keys(COUNTRIES)
    else:
        raise SystemExit(question)
    return [list(row) for row in found.release().collect().rows()]


def main() -> None:
    question, source = sys.argv[1:]
    runs = [ask(question, context(source).query()) for _ in range(RUNS)]
    print(json.dumps({"runs": runs, "note": f"{ROWS} rows a user, or {ROWS_OF_A_KEY} of {KEYS}"}))


main()
