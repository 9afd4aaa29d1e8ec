"""The road of a query: parsed, cleared, planned, charged, released, recorded. Doors call `answer` and no other part."""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from jali.engines.duckdb import DuckDBEngine
from jali.kept import found_by, library
from jali.keys.identifiers import uuid7
from jali.keys.vault import Vault
from jali.ledger.accounts import (
    Account,
    Activation,
    Answer,
    Charge,
    ChargeRequest,
    Facts,
    ReleaseKey,
)
from jali.ledger.audit import AuditSettings
from jali.ledger.sqlite import SQLiteLedger
from jali.model.codes import (
    BackendMissing,
    BadOption,
    BudgetExhausted,
    EngineFailed,
    LedgerFailed,
    QuestionTooDear,
    StoreStale,
    Usage,
)
from jali.model.errors import JaliError, Suggestion
from jali.model.money import NANO, Basic, Cost, strictest
from jali.model.release import (
    Charged,
    ContractReference,
    Privacy,
    Release,
    Remaining,
    to_json,
)
from jali.model.request import Options, Request
from jali.model.schema import KeyValue, Table
from jali.plan import PrivatePlan, build, explain
from jali.plan.answer import Rows, columns_of_answer, finish, finish_lines, listed
from jali.plan.evidence import evidence
from jali.plan.limits import guardrails_of, limits_of
from jali.plan.noise import Noise
from jali.plan.noisy import Noisy
from jali.plan.price import SMALLEST_NANO_RHO, rounded_down
from jali.plan.source import source_of
from jali.policy.check import Cleared, check
from jali.policy.contract import Contract
from jali.policy.house import Policies, load_policies
from jali.policy.settings import load_settings
from jali.privacy.conversion import epsilon_for
from jali.reuse import Derivable, Refinable, Reuse, Same, family_digest, find, in_words, price_of
from jali.sql.front import fingerprint
from jali.sql.nearest import nearest
from jali.sql.parse import parse
from jali.sql.tree import scans
from jali.store.form import TABLE, differing, form_of
from jali.store.snapshot import Snapshot, current
from jali.trust.central import Central

_LOG = logging.getLogger("jali.pipeline")
_LOG.addHandler(logging.NullHandler())

CONSENT_EPOCH = 0
"""Constant until consent lands; every release names it."""

CUT_OFF = ""
"""Retention cut-off; constant until retention lands."""

SOFTWARE = "jali 0.1.0"


class Trust(Protocol):
    """A trust back end: turns a charged plan into noisy totals."""

    name: str

    def supports(self, plan: PrivatePlan) -> bool:
        """Return whether the back end can answer the plan."""
        ...

    def check(self, plan: PrivatePlan, snapshot: Snapshot) -> None:
        """Refuse, before anything is charged, what cannot be computed; reads no data."""
        ...

    def release(self, plan: PrivatePlan, snapshot: Snapshot) -> Noisy:
        """Return noisy totals; the only station that sees exact ones."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """A frozen bag of parts: rules, keys, ledger and trust back end of one deployment folder."""

    policies: Policies
    ledger: SQLiteLedger
    trust: Trust
    actor_key: bytes

    @property
    def store(self) -> Path:
        """Return the folder of the protected store."""
        return self.policies.settings.store

    def now(self) -> datetime:
        """Return the ledger's clock, which never goes back."""
        return datetime.fromtimestamp(self.ledger.now_ms() / 1000, UTC)

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


def open_house(folder: Path, environment: Mapping[str, str] | None = None) -> House:
    """Return the house in a folder, with every rule checked and every limit active.

    Raises:
        JaliError: J8xx no house there, J901 invalid rules, J70x ledger, audit log or vault not usable.
    """
    settings = load_settings(folder, environment)
    policies = load_policies(settings)
    vault = Vault.open(settings.vault)
    ledger = open_ledger(policies, vault)
    house = House(policies, ledger, Central(DuckDBEngine(vault.sampling_key())), vault.actor_key())
    for contract in policies.contracts:
        _activate(house, contract)
    return house


def audit_settings(policies: Policies, vault: Vault) -> AuditSettings:
    """Return where the audit log lies and who signs it."""
    origin = "".join(c if c.isalnum() or c in ".-_/" else "-" for c in policies.settings.name.lower())
    return AuditSettings(policies.settings.audit, f"{origin or 'house'}/audit", vault.signing_key())


def open_ledger(policies: Policies, vault: Vault) -> SQLiteLedger:
    """Return the ledger of a house; it is made once, before any data is loaded, and its id is kept in the vault.

    Raises:
        LedgerFailed: if the ledger is missing although there was one or data is loaded, or is another house's: a
            new ledger would be a new budget.
    """
    audit = audit_settings(policies, vault)
    path = Path(policies.settings.ledger)
    bound = vault.ledger_id()
    if not path.exists():
        if bound is not None or current(policies.settings.store).version > 0:
            raise LedgerFailed(
                "the ledger of this house is missing, so nobody knows what was spent",
                hint="restore the ledger and the audit log together from the newest backup",
            )
        ledger = SQLiteLedger.create(path, audit)
    else:
        ledger = SQLiteLedger(path, audit)
    if bound is None:
        vault.bind_ledger(ledger.ledger_id)  # the first one wins
    if ledger.ledger_id != vault.ledger_id():
        ledger.close()
        raise LedgerFailed(
            "this is the ledger of another house", hint="check the paths in jali.toml and JALI_LEDGER"
        )
    return ledger


def _activate(house: House, contract: Contract) -> None:
    population = house.policies.population_of(contract)
    limits = limits_of(contract, population)
    accounts = [Account("lifetime", limits.lifetime), Account("period:*", limits.period)]
    accounts += [Account(f"purpose:{name}@*", cost) for name, cost in limits.purposes.items()]
    accounts.append(Account("analyst:*@*", limits.analyst))
    house.ledger.activate(Activation(population.id, contract.digest, tuple(accounts), actor="house"))


def actor_of(house: House, analyst: str) -> str:
    """Return the pseudonym of an analyst in the audit log."""
    return hmac.new(house.actor_key, analyst.encode(), hashlib.sha256).hexdigest()[:16]


def lift_hold(house: House, analyst: str) -> tuple[str, ...]:
    """Let a declared user ask again after failures, in every population; return the receipts.

    Raises:
        UnknownAnalyst: if jali.toml does not name the user.
    """
    house.policies.user(analyst)
    populations = sorted({house.policies.population_of(c).id for c in house.policies.contracts})
    return tuple(house.ledger.lift_hold(one, actor_of(house, analyst)) for one in populations)


def plan_salt(house: House, plan: PrivatePlan) -> str:
    """Return the salt of a plan digest in the public log: without it nobody can test guesses of literals.

    It is the same for equal plans and is opened in the certificate of a release.
    """
    return hmac.new(house.actor_key, b"plan " + plan.measure_digest().encode(), hashlib.sha256).hexdigest()[
        :32
    ]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A planned question over one snapshot: everything before the charge.

    Attributes:
        plan: what runs and is charged, or what a kept release is read by.
        refines: the kept release that is refined, if one is; `plan` then buys the difference.
        follows_from: the kept release a free answer is computed from.
        combines: the kept releases that a refined answer holds.
    """

    plan: PrivatePlan
    snapshot: Snapshot
    contracts: tuple[Contract, ...]
    refines: Refinable | None = None
    follows_from: tuple[str, ...] = ()
    combines: tuple[str, ...] = ()

    @property
    def whole(self) -> PrivatePlan:
        """Return the plan the answer is read by: of all releases it is combined from."""
        return self.plan if self.refines is None else self.refines.refinement.whole


def prepare(text: str, request: Request, house: House) -> Prepared:
    """Return the plan of a question. Reads rules and public lists only; no private file, no charge.

    Raises:
        JaliError: J1xx, J2xx, J3xx, J402, J502.
    """
    query = parse(text, house.policies.catalog, request.options.dialect)
    cleared = check(query, request, house.policies, house.now())
    return planned(cleared, house)


def planned(cleared: Cleared, house: House) -> Prepared:
    """Return the plan of a cleared question over the present snapshot."""
    snapshot = current(house.store)
    for scan in scans(cleared.query.rows):
        _refuse_stale(scan.table, snapshot, house.policies, cleared.population.id)
    cache: dict[tuple[str, str], tuple[KeyValue, ...]] = {}

    def public_values(table: str, column: str) -> tuple[KeyValue, ...]:
        if (table, column) not in cache:
            if (declared := house.policies.catalog.table(table)) is not None:
                _refuse_stale(declared, snapshot, house.policies, cleared.population.id)
            cache[table, column] = snapshot.public_values(table, column)
        return cache[table, column]

    guardrails = guardrails_of(cleared.contracts, cleared.population, public_values, _unit_key(cleared))
    plan = build(cleared, guardrails, library(cleared, house.ledger))
    if not house.trust.supports(plan):
        raise BackendMissing("no installed engine can answer this plan", hint="ask a simpler question")
    house.trust.check(plan, snapshot)
    return Prepared(plan, snapshot, cleared.contracts)


def _refuse_stale(table: Table, snapshot: Snapshot, policies: Policies, population: str) -> None:
    """Refuse files that follow other rules than the plan will take for granted.

    Raises:
        NoData: if the table was never loaded.
        StoreStale: naming what changed.
    """
    stored = snapshot.table(table.name).form
    if not stored:
        raise StoreStale(
            f"table {table.name} was loaded by an older version of Jali",
            hint=f"run: jali ingest --table {table.name}",
        )
    parts = differing(stored, form_of(table, policies.catalog, population))
    if parts:
        what = ", ".join(part if part != TABLE else "its unit or population" for part in parts)
        raise StoreStale(
            f"table {table.name} was loaded under other rules; changed since: {what}",
            hint=f"run: jali ingest --table {table.name}",
            where=table.rule,
        )


def _unit_key(cleared: Cleared) -> str:
    """Return the key column of the units in the first private table of a query."""
    return next((scan.table.unit for scan in scans(cleared.query.rows) if scan.table.unit), "")


def answer(text: str, request: Request, house: House) -> Release:
    """Return the private answer to a question.

    Raises:
        JaliError: with the code of the station that refused; a refusal is logged like an answer.
    """
    try:
        prepared = prepare(text, request, house)
        if prepared.plan.cleared.query.asked.explain:
            raise Usage(
                "EXPLAIN PRIVACY asks how, not what; nothing ran", hint="call explain instead of query"
            )
        found = _reusable(prepared, request, house)
        if isinstance(found, Same | Derivable):
            return _served(found, prepared, request, house)
        if prepared.plan.is_public:
            return _listed(text, prepared, request, house)
        if found is not None:
            prepared = _refining(prepared, found, house)
        charge = house.ledger.charge(_charge_request(text, prepared, request, house))
    except JaliError as error:
        log_refusal(text, request, house, error)
        error.suggestion = error.suggestion or _suggestion(text, request, house, error)
        raise
    answered = _released(text, prepared, request, house, charge)
    if answered is None:
        failed = EngineFailed()
        facts = replace(facts_of(text, request, house, prepared), decision="lost", codes=(failed.code,))
        house.ledger.lose(charge, facts)
        raise failed
    release, stored, facts = answered
    return replace(release, receipt=house.ledger.record(charge, stored, facts))


_CHANGED_BY_ASKING = frozenset({"J1", "J2", "J3"})
"""Codes of refusals that depend on the question itself."""


def _suggestion(text: str, request: Request, house: House, error: JaliError) -> Suggestion | None:
    """Return the nearest question that would be accepted, with its price; reads rules and public lists only."""
    if error.code[:2] not in _CHANGED_BY_ASKING and error.code not in {
        BudgetExhausted.code,
        QuestionTooDear.code,
    }:
        return None  # such as a held analyst: no other question would be answered either
    plain = replace(request, options=Options(dialect=request.options.dialect))

    def attempt(sql: str) -> str:
        plan = prepare(sql, plain, house).plan
        return f"{float(plan.guarantee[0]):.3g}"

    try:
        if error.code == BudgetExhausted.code:
            return _cheaper(text, plain, house)
        return nearest(text, request.options.dialect, error, house.policies.catalog, attempt)
    except JaliError:
        return None  # it is a courtesy: the refusal stands without it


def _cheaper(text: str, plain: Request, house: House) -> Suggestion | None:
    """Return the same question at what every account can still pay, if that buys an answer."""
    prepared = prepare(text, plain, house)
    population = prepared.plan.cleared.population
    accounts = accounts_for(prepared, plain, house).values()
    left_over = min(house.ledger.remaining(population.id, account).nano_rho for account in accounts)
    if left_over < SMALLEST_NANO_RHO:
        return None
    epsilon = rounded_down(float(epsilon_for(left_over, prepared.plan.delta_conversion)))
    return Suggestion(prepared.plan.cleared.query.asked.sql, epsilon)


def _released(
    text: str, prepared: Prepared, request: Request, house: House, charge: Charge
) -> tuple[Release, Answer, Facts] | None:
    """Return the finished answer and what is kept of it; None after any failure, foreseen or not.

    Whatever fails after the charge may depend on data, so the asker sees one fixed text. The failure ends here, so
    that no exception that may quote data is attached to it.
    """
    try:
        noisy = house.trust.release(prepared.plan, prepared.snapshot)
        return _answered(text, prepared, request, house, charge, noisy)
    except Exception as error:  # noqa: BLE001  # whatever it is, it may depend on data
        _LOG.error("a release failed: %s", type(error).__name__)
        return None


def log_refusal(text: str, request: Request, house: House, error: JaliError) -> None:
    """Log a refusal with its codes and rules."""
    codes = tuple(dict.fromkeys(r.code for r in error.reasons))
    rules = tuple(dict.fromkeys(r.where for r in error.reasons if r.where))
    facts = replace(facts_of(text, request, house, None), decision="refuse", codes=codes, rules=rules)
    if isinstance(error, LedgerFailed):
        with suppress(JaliError):  # the ledger itself is what failed; the refusal already stands
            house.ledger.append_refusal(facts)
        return
    house.ledger.append_refusal(facts)


def facts_of(text: str, request: Request, house: House, prepared: Prepared | None) -> Facts:
    """Return what the audit log says about a question."""
    base = Facts(
        actor=actor_of(house, request.analyst),
        role=",".join(sorted(request.roles)),
        purpose=request.purpose if prepared is not None else _known_purpose(request, house),
        query_fingerprint=fingerprint(text),
        contract_digests=(),
    )
    if prepared is None:
        return base
    plan = prepared.plan
    return replace(
        base,
        contract_digests=tuple(c.digest for c in prepared.contracts),
        plan_digest=plan.salted_digest(plan_salt(house, plan)),
        data_version=prepared.snapshot.version,
        consent_epoch=CONSENT_EPOCH,
        cut_off=CUT_OFF,
        backend=plan.cleared.backend,
        mechanisms=tuple(mechanisms_of(plan)),
        release_schema=", ".join(f"{c.role} {c.type}" for c in columns_of_answer(plan)),
        sources=(*prepared.follows_from, *prepared.combines),
    )


def _known_purpose(request: Request, house: House) -> str:
    """Return the purpose if any contract knows it: what an asker typed is not copied into the log."""
    known = {p.id for c in house.policies.contracts for p in c.purposes}
    return request.purpose if request.purpose in known else "unknown"


def mechanisms_of(plan: PrivatePlan) -> list[str]:
    """Return the mechanisms of a plan with their prices, as the audit log shows them."""
    found = [
        f"bound {c.name} exponential nano_rho={c.nano_rho}"
        for c in (*plan.choices, *(f.choice for f in plan.found if f.choice is not None))
    ]
    found += [f"bound {f.name} of release {f.kept.release_id}" for f in plan.found if f.kept is not None]
    found += [_mechanism(noise) for noise in plan.noises]
    if plan.selection is not None:
        s = plan.selection
        found.append(f"key_selection nano_rho={s.nano_rho} atto_delta={s.atto_delta} max_keys={s.max_keys}")
    return found


def _mechanism(noise: Noise) -> str:
    """Return a mechanism with its prices; no sensitivity: it would tell the constants of a question."""
    shown = f"{noise.mechanism} nano_rho={noise.nano_rho} choice_nano_rho={noise.choice_nano_rho}"
    if noise.nano_epsilon:
        shown += f" nano_epsilon={noise.nano_epsilon} choice_nano_epsilon={noise.choice_nano_epsilon}"
    if noise.kept is not None:
        shown += f" clip of release {noise.kept.release_id}"
    return shown


def accounts_of(
    house: House, contracts: tuple[Contract, ...], analyst: str, purpose: str
) -> dict[str, Account]:
    """Return the accounts a question over these contracts posts to, by kind, each with its strictest limit."""
    population = house.policies.population_of(contracts[0])
    found = [limits_of(c, population) for c in contracts]
    period = house.ledger.period(contracts[0].budget.period)
    shares = [x.purposes[purpose] for x in found if purpose in x.purposes]
    accounts = {
        "lifetime": Account("lifetime", strictest(x.lifetime for x in found)),
        "period": Account(f"period:{period}", strictest(x.period for x in found)),
        "analyst": Account(
            f"analyst:{analyst}@{period}",
            strictest(x.analyst for x in found),
            shown_as=f"analyst:{actor_of(house, analyst)}@{period}",
        ),
    }
    if shares:
        accounts["purpose"] = Account(f"purpose:{purpose}@{period}", strictest(shares))
    return accounts


def accounts_for(prepared: Prepared, request: Request, house: House) -> dict[str, Account]:
    """Return the accounts a planned question posts to, by kind."""
    return accounts_of(house, prepared.contracts, request.analyst, request.purpose)


def _charge_request(text: str, prepared: Prepared, request: Request, house: House) -> ChargeRequest:
    accounts = tuple(accounts_for(prepared, request, house).values())
    facts = facts_of(text, request, house, prepared)
    return ChargeRequest(prepared.plan.cleared.population.id, accounts, prepared.plan.cost, facts)


def _release_key(prepared: Prepared, request: Request) -> ReleaseKey:
    return ReleaseKey(
        population=prepared.plan.cleared.population.id,
        purpose=request.purpose,
        data_version=prepared.snapshot.version,
        consent_epoch=CONSENT_EPOCH,
        cut_off=CUT_OFF,
        plan_digest=prepared.plan.measure_digest(),
        contract_digests=tuple(c.digest for c in prepared.contracts),
        family_digest=family_digest(prepared.plan),
    )


def _reusable(prepared: Prepared, request: Request, house: House) -> Reuse | None:
    """Return what a kept release can do for the question; nothing where its bounds shall be found anew."""
    if request.options.bounds == "fresh" and not prepared.plan.is_public:
        return None
    return find(prepared.plan, _release_key(prepared, request), house.ledger)


def _served(found: Same | Derivable, prepared: Prepared, request: Request, house: House) -> Release:
    """Return an answer that costs nothing: a kept release again, or what follows from one; it is logged."""
    again = replace(prepared, plan=found.plan, follows_from=found.follows_from, combines=found.combines)
    is_same = isinstance(found, Same)
    release_id = found.release_id if is_same else uuid7(house.ledger.now_ms())
    facts = facts_of(again.plan.cleared.query.text, request, house, again)
    receipt = house.ledger.append_decision(
        replace(facts, decision="kept" if is_same else "derived"), release_id
    )
    release = release_of(release_id, again, request, house, finish_lines(again.plan, found.lines), ())
    return replace(release, receipt=receipt)


def _refining(prepared: Prepared, found: Refinable, house: House) -> Prepared:
    """Return the question as it is bought where a kept release is refined.

    Raises:
        JaliError: from the back end, before anything is charged.
    """
    buying = found.refinement.buying
    house.trust.check(buying, prepared.snapshot)
    return replace(prepared, plan=buying, refines=found, combines=found.combines)


def _listed(text: str, prepared: Prepared, request: Request, house: House) -> Release:
    """Return declared keys: no data is read, nothing is charged or kept; the log says that they were shown."""
    facts = replace(facts_of(text, request, house, prepared), decision="listed")
    release_id = uuid7(house.ledger.now_ms())
    receipt = house.ledger.append_decision(facts, release_id)
    return replace(
        release_of(release_id, prepared, request, house, listed(prepared.plan), ()), receipt=receipt
    )


def _answered(
    text: str, prepared: Prepared, request: Request, house: House, charge: Charge, noisy: Noisy
) -> tuple[Release, Answer, Facts]:
    release_id = uuid7(house.ledger.now_ms())
    prepared = replace(prepared, plan=prepared.plan.settled(noisy.bounds))
    plan, whole, refines = prepared.plan, prepared.whole, prepared.refines
    shown = evidence(plan, noisy, plan_salt(house, plan))
    if refines is not None:
        noisy = refines.refinement.combined(noisy)
        shown |= {"combines": list(prepared.combines)}
    rows = finish(whole, noisy)
    bounds = found_by(plan, noisy)
    charged = charged_by(charge)
    read_by = replace(prepared, plan=whole)
    release = release_of(release_id, read_by, request, house, rows, charged)
    parts = {
        "release": to_json(release),
        "noisy": json.loads(noisy.to_json()),
        "evidence": shown,
        "source": source_of(whole),
        "combines": list(prepared.combines),
        "bounds": bounds,
    }
    body = json.dumps(parts, sort_keys=True)
    names = tuple(str(one["bound"]) for one in bounds)
    kept = Answer(release_id, body, _release_key(read_by, request), whole.level, bounds=names)
    codes = tuple(dict.fromkeys(n.code for n in rows.notes))
    return release, kept, replace(facts_of(text, request, house, prepared), codes=codes)


def charged_by(charge: Charge) -> tuple[Charged, ...]:
    """Return what a charge did to each account, for the answer."""
    cost = charge.cost
    return tuple(
        Charged(e.account, cost.nano_rho, cost.atto_delta, cost.basic, e.gates) for e in charge.entries
    )


def release_of(
    release_id: str,
    prepared: Prepared,
    request: Request,
    house: House,
    rows: Rows,
    charged: tuple[Charged, ...],
) -> Release:
    """Return a finished answer with what it cost and what is left."""
    plan = prepared.plan
    epsilon, delta = (Fraction(0), Fraction(0)) if plan.is_public else plan.guarantee
    return Release(
        release_id=release_id,
        columns=rows.columns,
        rows=rows.rows,
        intervals=rows.intervals,
        noise_sd=rows.noise_sd,
        unclamped=rows.unclamped,
        confidence=float(plan.confidence),
        notes=rows.notes,
        privacy=Privacy(
            unit=plan.unit,
            population=plan.cleared.population.id,
            nano_rho=plan.cost.nano_rho,
            epsilon=float(epsilon),
            delta=float(delta),
            atto_delta=plan.cost.atto_delta,
            charged=charged,
            is_kept=not charged and not plan.is_public,
            follows_from=prepared.follows_from,
            combines=prepared.combines,
            gate=plan.gate,
            basic=plan.cost.basic,
            why_no_basic_price=plan.why_no_basic_price,
        ),
        remaining=remaining(prepared, request, house),
        contracts=tuple(ContractReference(c.id, c.version, c.digest) for c in prepared.contracts),
    )


def remaining(prepared: Prepared, request: Request, house: House) -> dict[str, Remaining]:
    """Return what is left in every account a question posts to."""
    population = prepared.plan.cleared.population
    default = guardrails_of(prepared.contracts, population, lambda _t, _c: ()).default_nano_rho
    return {
        name: left(
            house.ledger.remaining(population.id, account),
            population.delta_conversion,
            default,
            has_second=account.limit.basic is not None,
        )
        for name, account in accounts_for(prepared, request, house).items()
    }


CLOSED = "an earlier answer had no basic price"
"""Why the second gate of an account is closed."""


def left(cost: Cost, delta: Fraction, default_nano_rho: int, *, has_second: bool = True) -> Remaining:
    """Return what an account has left as epsilon, rho and questions at the default price, and under the second gate."""
    epsilon = float(epsilon_for(cost.nano_rho, delta)) if cost.nano_rho else 0.0
    questions = cost.nano_rho // max(1, default_nano_rho)
    closed = "" if cost.basic is not None else CLOSED if has_second else "its limit was set without one"
    return Remaining(epsilon, cost.nano_rho / NANO, questions, cost.basic, closed)


@dataclass(frozen=True, slots=True)
class Fits:
    """How many questions like this one still fit every account, by each gate alone.

    Attributes:
        rho, basic: whole questions; 0 where the gate is closed for it.
        closed: why the second gate is; empty where it is not.
        closes: accounts whose second gate is open and would be closed by the question.
    """

    rho: int
    basic: int
    closed: str = ""
    closes: tuple[str, ...] = ()

    def in_words(self) -> str:
        """Return one line for people."""
        second = (
            f"the second gate is closed: {self.closed}" if self.closed else f"by the second gate {self.basic}"
        )
        said = f"questions like this one that still fit: by the first gate {self.rho}; {second}"
        if self.closes:
            said += f"; asking it closes that of {', '.join(self.closes)} for good"
        return said


def fits(plan: PrivatePlan, lefts: Mapping[str, Cost], why_closed: str) -> Fits:
    """Return how many questions like a planned one still fit.

    Args:
        plan: what would be charged.
        lefts: what each account has left, by its name.
        why_closed: why the second gate of an account is closed, if one is.
    """
    cost, price = plan.cost, plan.cost.basic
    keys = min((_times(one.atto_delta, cost.atto_delta) for one in lefts.values()), default=0)
    rho = min([keys, *(_times(one.nano_rho, cost.nano_rho) for one in lefts.values())])
    known = {name: one.basic for name, one in lefts.items() if one.basic is not None}
    if price is None:
        return Fits(rho, 0, plan.why_no_basic_price, tuple(known))
    if len(known) < len(lefts):
        return Fits(rho, 0, why_closed)
    return Fits(rho, min([keys, *(_times_basic(one, price) for one in known.values())]))


_ENDLESS = 10**12
"""Shown where something costs nothing."""


def _times(left_over: int, price: int) -> int:
    return left_over // price if price else _ENDLESS


def _times_basic(left_over: Basic, price: Basic) -> int:
    return min(
        _times(left_over.nano_epsilon, price.nano_epsilon), _times(left_over.atto_delta, price.atto_delta)
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every station of a question as text, without running it.

    Attributes:
        nano_rho: price to be charged; 0 where a kept release answers.
        epsilon: of the answer by itself.
        kept: what a kept release does for the question, in words.
        delta: of the answer by itself.
        gate: the scale the price is on.
        basic: price for the second gate; None where there is none, `fits.closed` says why.
        fits: how many questions like this one still fit.
    """

    stations: tuple[tuple[str, tuple[str, ...]], ...]
    nano_rho: int
    epsilon: float
    questions: float
    remaining: Mapping[str, Remaining]
    kept: tuple[str, ...] = ()
    delta: float = 0.0
    gate: str = "rho"
    basic: Basic | None = None
    fits: Fits | None = None

    def to_text(self) -> str:
        """Return the stations as an indented tree."""
        return "\n".join(
            f"{name}\n" + "\n".join(f"  {line}" for line in lines) for name, lines in self.stations
        )


def explain_question(text: str, request: Request, house: House) -> Explanation:
    """Return how a question would be answered and what it would cost. Free; touches no data.

    Raises:
        JaliError: the refusal the question itself would get before its charge.
    """
    try:
        prepared = prepare(text, request, house)
        found = _reusable(prepared, request, house)
    except JaliError as error:
        error.suggestion = error.suggestion or _suggestion(text, request, house, error)
        raise
    plan = prepared.plan
    kept = () if found is None else tuple(in_words(found, plan))
    nano_rho = price_of(found, plan)
    rests = remaining(prepared, request, house)
    room: Fits | None = None
    if nano_rho:
        bought = found.refinement.buying if isinstance(found, Refinable) else plan
        population = plan.cleared.population.id
        accounts = accounts_for(prepared, request, house).values()
        lefts = {account.key: house.ledger.remaining(population, account) for account in accounts}
        room = fits(bought, lefts, next((r.closed for r in rests.values() if r.closed), ""))
    guardrails = guardrails_of(prepared.contracts, plan.cleared.population, lambda _t, _c: ())
    stations = (
        ("parsed", tuple(explain.parsed(plan.cleared.query))),
        ("cleared", tuple(explain.cleared(plan))),
        ("private plan", tuple(explain.private(plan, guardrails.hints))),
        ("price", (*kept, *_price_lines(plan, nano_rho), *([room.in_words()] if room is not None else []))),
        ("what binds", tuple(n.text for n in plan.notes)),
        ("answer", tuple(explain.output(plan))),
        ("who learns what", tuple(explain.leakage())),
    )
    epsilon, delta = (Fraction(0), Fraction(0)) if plan.is_public else plan.guarantee
    return Explanation(
        stations=stations,
        nano_rho=nano_rho,
        epsilon=float(epsilon),
        questions=nano_rho / guardrails.default_nano_rho,
        remaining=rests,
        kept=kept,
        delta=float(delta),
        gate=plan.gate,
        basic=plan.cost.basic,
        fits=room,
    )


def _price_lines(plan: PrivatePlan, nano_rho: int) -> Sequence[str]:
    return explain.priced(plan) if nano_rho or plan.is_public else ("rho 0",)


def request_of(house: House, analyst: str, purpose: str, options: Options) -> Request:
    """Return the request of a declared user.

    Raises:
        UnknownAnalyst: if jali.toml does not name the analyst.
        BadOption: if the name of the purpose is empty.
    """
    if not purpose:
        raise BadOption("a question needs a purpose", hint="add --purpose NAME")
    return Request(analyst, house.policies.user(analyst), purpose, options)
