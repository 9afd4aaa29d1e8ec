"""PipelineDP's local backend at the events questions, (1, 1e-6)."""

import json
import sys

import pipeline_dp
import pyarrow.parquet as pq

RUNS = 5
ROWS, ROWS_OF_A_KEY = 123, 32
KEYS = {"Q1": 1, "Q2": 1, "Q3": 1, "Q4": 5, "Q5": 20, "Q6": 20, "Q7": 5}
NAMES = {"Q4": ("country",), "Q5": ("category",), "Q6": ("country", "category"), "Q7": ("country",)}
METRICS = pipeline_dp.Metrics
METRIC = {
    "Q1": METRICS.COUNT, "Q2": METRICS.PRIVACY_ID_COUNT, "Q3": METRICS.SUM, "Q4": METRICS.MEAN, "Q5": METRICS.COUNT,
    "Q6": METRICS.COUNT, "Q7": METRICS.PERCENTILE(50),
}  # fmt: skip


def rows_of(question: str, source: str) -> list[tuple[int, tuple[object, ...], float]]:
    names = NAMES.get(question, ())
    columns = pq.read_table(source, columns=["user_id", "amount", *names]).to_pydict()
    keys = list(zip(*(columns[n] for n in names), strict=True)) if names else [()] * len(columns["user_id"])
    needs_value = question in {"Q3", "Q4", "Q7"}
    return [
        (user, key, float(x or 0))
        for user, key, x in zip(columns["user_id"], keys, columns["amount"], strict=True)
        if x is not None or not needs_value
    ]


def ask(question: str, rows: list[tuple[int, tuple[object, ...], float]]) -> list[list[object]]:
    accountant = pipeline_dp.NaiveBudgetAccountant(total_epsilon=1.0, total_delta=1e-6)
    engine = pipeline_dp.DPEngine(accountant, pipeline_dp.LocalBackend())
    params = pipeline_dp.AggregateParams(
        noise_kind=pipeline_dp.NoiseKind.LAPLACE if question == "Q7" else pipeline_dp.NoiseKind.GAUSSIAN,
        metrics=[METRIC[question]],
        max_partitions_contributed=KEYS[question],
        max_contributions_per_partition=1
        if question == "Q2"
        else ROWS
        if KEYS[question] == 1
        else ROWS_OF_A_KEY,
        min_value=0.0,
        max_value=200.0,
    )
    extractors = pipeline_dp.DataExtractors(
        privacy_id_extractor=lambda r: r[0],
        partition_extractor=lambda r: r[1],
        value_extractor=lambda r: r[2],
    )
    public = None
    if question in {"Q1", "Q2", "Q3"}:
        public = [()]
    if question in {"Q4", "Q7"}:
        public = [(f"C{i:02d}",) for i in range(50)]
    found = engine.aggregate(rows, params, extractors, public_partitions=public)
    accountant.compute_budgets()
    return [[*key, float(next(iter(value)))] for key, value in found]


def main() -> None:
    question, source = sys.argv[1:]
    rows = rows_of(question, source)
    runs = [ask(question, rows) for _ in range(RUNS)]
    print(
        json.dumps({"runs": runs, "note": f"{ROWS} rows a user, or {ROWS_OF_A_KEY} of {KEYS[question]} keys"})
    )


main()
