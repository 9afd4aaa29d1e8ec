"""Show that the demo is right: beside each answer of the tour the true value and the clipped value without noise.

    python tools/show_truth.py [HOUSE] [--all]

HOUSE is a folder made by `jali demo`. The true value is computed by DuckDB from the Parquet files of the package;
the clipped value by our own engine with a sampler that adds no noise and repeats the clips that were chosen. Not
part of the product: true values are printed here, and only this file may do so.
"""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import duckdb

from jali.engines.duckdb import DuckDBEngine
from jali.keys.vault import Vault
from jali.model.errors import JaliError
from jali.model.release import Release, Value
from jali.pipeline import House, answer, open_house, prepare, request_of
from jali.plan.answer import Rows, finish
from jali.plan.noisy import Noisy
from jali.policy.consent import renew
from jali.serve.accounts import body_of, kept_release
from jali.serve.demo import TABLES, data_folder
from jali.serve.numbers import options_from
from jali.serve.tour import TOUR, Stop
from jali.sql.front import look
from jali.testing.samplers import NoNoise
from jali.trust.central import Central

MOST_ERROR_SD = 4.5
MOST_BIAS_SD = 2.0
FEW = 16


@dataclass(slots=True)
class Repeat(NoNoise):
    """Adds no noise, and chooses the clips that the release chose, in their order."""

    indices: list[int] = field(default_factory=list)

    def choose(self, scores: Sequence[int], scale: float) -> int:
        """Return the next choice of the release."""
        _ = scores, scale
        return self.indices.pop(0)


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


def truth(sql: str) -> dict[tuple[str, ...], list[object]]:
    """Return the true rows by key, from the package's own files."""
    with duckdb.connect() as db:
        for table in TABLES:
            db.execute(f"CREATE VIEW {table} AS FROM read_parquet('{data_folder() / table}.parquet')")
        rows = db.execute(re.split(r" ORDER BY ", look(sql).sql)[0]).fetchall()
    return {tuple(_key(v) for v in row[:-1]): [row[-1]] for row in rows}


def _key(value: object) -> str:
    return "(null)" if value is None else str(value)


def clipped(stop: Stop, house: House, release: Release) -> dict[tuple[str, ...], list[Value]]:
    """Return the rows without noise, at the clips of the release, by key."""
    request = request_of(house, stop.analyst, stop.purpose, options_from(epsilon=stop.epsilon or None))
    prepared = prepare(stop.sql, request, house)
    kept = kept_release(house, release.release_id)
    noisy = Noisy.from_json(json.dumps(body_of(kept)["noisy"]))
    norms = [(m, noisy.norms[m.noise.group.id]) for m in prepared.plan.measured if m.noise.choice_nano_rho]
    indices = [m.noise.group.bound.norms.index(norm) for m, norm in norms]
    engine = DuckDBEngine(Vault.open(house.policies.settings.vault).sampling_key())
    exact = Central(engine, Repeat(indices=indices)).release(prepared.plan, prepared.snapshot)
    whole = replace(prepared.plan.cleared.query, order=(), limit=None, offset=0)
    plan = replace(prepared.plan, cleared=replace(prepared.plan.cleared, query=whole), min_units=0)
    rows: Rows = finish(plan, exact)
    return {tuple(_key(v) for v in row[:-1]): [row[-1]] for row in rows.unclamped}


def compare(stop: Stop, house: House) -> list[Line]:
    """Return the cells of one stop of the tour."""
    request = request_of(house, stop.analyst, stop.purpose, options_from(epsilon=stop.epsilon or None))
    release = answer(stop.sql, request, house)
    real, bounded = truth(stop.sql), clipped(stop, house, release)
    lines: list[Line] = []
    for row, sds in zip(release.unclamped, release.noise_sd, strict=True):
        key, sd = tuple(_key(v) for v in row[:-1]), sds[-1]
        if row[-1] is None or sd is None:
            continue
        if key not in bounded:  # a key that only the noise let through
            continue
        without, exact = bounded[key][0], real.get(key, [0])[0]
        if without is None:
            continue
        lines.append(Line(" ".join(key) or "all", float(row[-1]), float(without), float(exact or 0), sd))
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
        f"median relative error {median(off):.1%}, nine in ten within {sorted(off)[int(len(off) * 0.9) - 1]:.1%}"
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
