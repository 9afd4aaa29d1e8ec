"""Show that the demo is right: beside each answer of the tour the true value and the clipped value without noise.

    python tools/show_truth.py [HOUSE] [--all]

HOUSE is a folder made by `jali demo`. The true value is computed by DuckDB from the Parquet files of the package;
the clipped value by our own engine with a sampler that adds no noise and repeats the clips that were chosen. Not
part of the product: true values are printed here, and only this file may do so. It asks nothing and charges nothing.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import cast

import duckdb

from jali.engines.duckdb import DuckDBEngine
from jali.keys.vault import Vault
from jali.model.errors import JaliError
from jali.pipeline import House, Prepared, open_house, prepare, request_of
from jali.plan.answer import finish
from jali.plan.exact import declared_keys
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.policy.consent import renew
from jali.serve.accounts import body_of, releases
from jali.serve.demo import TABLES, data_folder
from jali.serve.numbers import options_from
from jali.serve.tour import TOUR, Stop
from jali.sql.front import look
from jali.testing.samplers import Repeat, choices_of
from jali.trust.central import Central

MOST_ERROR_SD = 4.5
MOST_BIAS_SD = 2.0
FEW = 16


@dataclass(frozen=True, slots=True)
class Line:
    """One cell: what was released, what is true, what is true after clipping, the noise."""

    key: str
    released: float
    clipped: float
    true: float
    sd: float

    @property
    def error_sd(self) -> float:
        """Return what the noise did, in standard deviations of it."""
        return (self.released - self.clipped) / self.sd

    @property
    def bias_sd(self) -> float:
        """Return what the bounds did, in standard deviations of the noise."""
        return (self.clipped - self.true) / self.sd


def truth(sql: str) -> dict[tuple[str, ...], float]:
    """Return the true rows by key, from the package's own files."""
    with duckdb.connect() as db:
        for table in TABLES:
            db.execute(f"CREATE VIEW {table} AS FROM read_parquet('{data_folder() / table}.parquet')")
        rows = db.execute(re.split(r" ORDER BY ", look(sql).sql)[0]).fetchall()
    return {tuple(_key(v) for v in row[:-1]): float(row[-1] or 0) for row in rows}


def _key(value: object) -> str:
    return "(null)" if value is None else str(value)


def kept_answer(prepared: Prepared, house: House) -> Noisy:
    """Return the noisy totals that were released for this very plan at this very price; asks and charges nothing.

    Raises:
        SystemExit: if the question was not asked.
    """
    for one in reversed(releases(house)):
        kept = house.ledger.release(one.release_id)
        body = body_of(kept) if kept is not None else {}
        is_same = kept is not None and kept.nano_rho == prepared.plan.cost.nano_rho
        if not is_same:
            continue
        noisy = Noisy.from_parsed(body["noisy"])
        # what a refinement bought last is another plan, at the norm of the first; its cells tell whose it is
        is_refined = bool(body.get("combines")) and noisy.keys == tuple(declared_keys(prepared.plan.exact))
        if is_refined or _plan_of(body) == prepared.plan.measure_text():
            return noisy
    sys.exit("a question of the tour has no answer of this version; run: jali demo")


def _plan_of(body: Mapping[str, object]) -> object:
    return cast("dict[str, object]", body["evidence"])["plan"]


def without_noise(prepared: Prepared, house: House, noisy: Noisy) -> Noisy:
    """Return the totals without noise, at the clips of the release."""
    indices = choices_of(prepared.plan, noisy)
    engine = DuckDBEngine(Vault.open(house.policies.settings.vault).sampling_key())
    return Central(engine, Repeat(indices=indices)).release(prepared.plan, prepared.snapshot)


def every_row(prepared: Prepared) -> PrivatePlan:
    """Return the plan without ORDER BY, LIMIT and suppression: same totals, every row."""
    whole = replace(prepared.plan.cleared.query, order=(), limit=None, offset=0)
    return replace(prepared.plan, cleared=replace(prepared.plan.cleared, query=whole), min_units=0)


def compare(stop: Stop, house: House) -> list[Line]:
    """Return the cells of one stop of the tour."""
    request = request_of(house, stop.analyst, stop.purpose, options_from(epsilon=stop.epsilon or None))
    prepared = prepare(stop.sql, request, house)
    noisy = kept_answer(prepared, house)
    released = finish(prepared.plan, noisy)
    exact = finish(every_row(prepared), without_noise(prepared, house, noisy))
    bounded = {tuple(_key(v) for v in row[:-1]): row[-1] for row in exact.unclamped}
    real = truth(stop.sql)
    lines: list[Line] = []
    for row, sds in zip(released.unclamped, released.noise_sd, strict=True):
        key, sd = tuple(_key(v) for v in row[:-1]), sds[-1]
        clipped = bounded.get(key)  # None: a key that only the noise let through
        if row[-1] is None or sd is None or clipped is None:
            continue
        lines.append(
            Line(" ".join(key) or "all", float(row[-1]), float(clipped), float(real.get(key, 0) or 0), sd)
        )
    return lines


def report(stop: Stop, lines: list[Line], *, everything: bool) -> bool:
    """Print one stop and return whether it holds."""
    error, bias = max(abs(x.error_sd) for x in lines), max(abs(x.bias_sd) for x in lines)
    off = [abs(x.released - x.true) / abs(x.true) for x in lines if x.true]
    is_default = not stop.epsilon and "ACCURACY" not in stop.sql
    holds = error <= MOST_ERROR_SD and (bias <= MOST_BIAS_SD or not is_default)
    print(
        f"\n{stop.title}   [{'default' if is_default else 'other price'}]   {'holds' if holds else 'DOES NOT HOLD'}"
    )
    print(f"  largest error {error:.2f} noise_sd, largest clip bias {bias:.2f} noise_sd, ", end="")
    print(
        f"median relative error {median(off):.1%}, nine in ten within {sorted(off)[-(-len(off) * 9 // 10) - 1]:.1%}"
    )
    print(
        f"  {'key':<14}{'released':>14}{'clipped':>14}{'true':>14}{'noise_sd':>12}{'error/sd':>10}{'bias/sd':>9}"
    )
    for x in lines if everything or len(lines) <= FEW else [*lines[:5], *lines[-3:]]:
        numbers = f"{x.released:>14,.2f}{x.clipped:>14,.2f}{x.true:>14,.2f}{x.sd:>12,.4g}"
        print(f"  {x.key[:13]:<14}{numbers}{x.error_sd:>10.2f}{x.bias_sd:>9.2f}")
    return holds


def main() -> int:
    """Compare every stop that is answered; exit code 1 where one does not hold."""
    given = [a for a in sys.argv[1:] if not a.startswith("--")]
    house = open_house(Path(given[0] if given else "demo"))
    renew(house.policies.settings.consent, datetime.now(UTC))
    broken: list[str] = []
    for stop in TOUR:
        try:
            lines = compare(stop, house)
        except JaliError as error:
            print(f"\n{stop.title}: refused with {error.code}, as it should be")
            continue
        if not report(stop, lines, everything="--all" in sys.argv):
            broken.append(stop.title)
    print("\nevery answer holds" if not broken else f"\nnot within the limits: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
