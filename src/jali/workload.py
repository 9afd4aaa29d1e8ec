"""`answer_workload`: several questions over the same rows, answered together for one price.

The road is that of one question: every question is parsed and cleared by itself and so is every grouping that is
measured for them; one charge, durable before data is read; one snapshot; one record. What is released is the noisy
totals of the groupings; each answer is read off them, which is post-processing.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from jali.kept import found_by
from jali.keys.identifiers import uuid7
from jali.ledger.accounts import Answer, Charge, ChargeRequest, Facts, KeptRelease, ReleaseKey
from jali.model.codes import BadOption, EngineFailed, PriceDisagrees, StoreStale
from jali.model.errors import JaliError
from jali.model.money import NANO, Cost
from jali.model.release import Charged, Release, charged_json, to_json
from jali.model.request import Request
from jali.model.schema import Hints
from jali.pipeline import (
    CONSENT_EPOCH,
    CUT_OFF,
    House,
    Prepared,
    accounts_for,
    charged_by,
    facts_of,
    log_refusal,
    mechanisms_of,
    planned,
    prepare,
    release_of,
)
from jali.plan import PrivatePlan
from jali.plan.answer import columns_of_answer, finish_lines
from jali.plan.derive import Derived, Kept, jointly
from jali.plan.evidence import evidence
from jali.plan.limits import guardrails_of
from jali.plan.second import RHO
from jali.plan.source import read, source_of
from jali.plan.workload import Forecast, Workload, check_questions, choose
from jali.policy.check import check
from jali.privacy.conversion import epsilon_for
from jali.reuse import family_digest, opened
from jali.sql.front import split
from jali.sql.tree import Query

_LOG = logging.getLogger("jali.workload")
_LOG.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Joint:
    """A workload that was planned: its questions, and what is measured for them."""

    text: str
    questions: tuple[Prepared, ...]
    workload: Workload

    @property
    def cost(self) -> Cost:
        """Return the price of the whole."""
        return self.workload.cost

    @property
    def plans(self) -> tuple[PrivatePlan, ...]:
        """Return the plans that run."""
        return tuple(m.plan for m in self.workload.measurements)

    def measure_text(self) -> str:
        """Return everything that is measured as stable text."""
        return "\n--\n".join(plan.measure_text() for plan in self.plans)


@dataclass(frozen=True, slots=True)
class JointAnswer:
    """The answers of a workload in the order of its questions; `charged` is for all of them together."""

    release_id: str
    answers: tuple[Release, ...]
    charged: tuple[Charged, ...]
    forecasts: tuple[Forecast, ...]
    receipt: str

    def as_json(self) -> dict[str, object]:
        """Return the object that `jali workload --json` prints."""
        return {
            "release_id": self.release_id,
            "charged": [charged_json(c) for c in self.charged],
            "forecasts": [{"noise_sd": f.joint, "alone": f.alone} for f in self.forecasts],
            "answers": [to_json(one) for one in self.answers],
            "receipt": self.receipt,
        }


@dataclass(frozen=True, slots=True)
class JointExplanation:
    """How a workload would be answered; `measured` are lines for people."""

    nano_rho: int
    epsilon: float
    measured: tuple[str, ...]
    forecasts: tuple[Forecast, ...]
    questions: tuple[str, ...]

    def as_json(self) -> Mapping[str, object]:
        """Return the object that `jali workload --explain --json` prints."""
        return {
            "price": {"rho": self.nano_rho / NANO, "epsilon": self.epsilon},
            "measured": list(self.measured),
            "forecasts": [
                {"question": q, "noise_sd": f.joint, "alone": f.alone}
                for q, f in zip(self.questions, self.forecasts, strict=True)
            ],
        }


def plan_workload(text: str, request: Request, house: House) -> Joint:
    """Return what would be measured; reads rules and public lists only.

    Every clip is found anew: if what is measured depended on bounds found before, the very same workload would be
    measured in another way, and paid again, once its own bounds are kept.

    Raises:
        JaliError: as each question by itself, and where they do not belong together.
    """
    if request.options.gate not in {None, RHO}:
        raise BadOption("a workload is priced in rho", hint="ask its questions one by one with --gate basic")
    if request.options.accuracy is not None:
        raise BadOption("a workload has no single accuracy", hint="give --epsilon or --rho for the whole")
    request = replace(request, options=replace(request.options, gate=RHO, bounds="fresh"))
    questions = tuple(prepare(one, request, house) for one in split(text))
    check_questions([q.plan for q in questions])
    snapshot = questions[0].snapshot

    def build(query: Query) -> PrivatePlan:
        cleared = check(query, request, house.policies, house.now())
        found = planned(cleared, house)
        if found.snapshot.version != snapshot.version:
            raise StoreStale("data was loaded while the workload was planned", hint="ask again")
        return found.plan

    return Joint(text, questions, choose([q.plan for q in questions], build, _hints(questions[0])))


def _hints(first: Prepared) -> Hints:
    population = first.plan.cleared.population
    return guardrails_of(first.contracts, population, lambda _t, _c: ()).hints


def explain_workload(text: str, request: Request, house: House) -> JointExplanation:
    """Return how a workload would be answered and what it would cost. Free; touches no data.

    Raises:
        JaliError: the refusal the workload itself would get before its charge.
    """
    joint = plan_workload(text, request, house)
    delta = joint.plans[0].delta_conversion
    lines: list[str] = []
    for one in joint.workload.measurements:
        keys = ", ".join(k.name for k in one.plan.exact.keys) or "no keys"
        served = ", ".join(str(q + 1) for q in one.questions)
        lines.append(f"by {keys}, rho {one.plan.cost.nano_rho / NANO:.6g}, for questions {served}")
    questions = tuple(q.plan.cleared.query.text for q in joint.questions)
    epsilon = float(epsilon_for(joint.cost.nano_rho, delta))
    return JointExplanation(joint.cost.nano_rho, epsilon, tuple(lines), joint.workload.forecasts, questions)


def answer_workload(text: str, request: Request, house: House) -> JointAnswer:
    """Return the private answers to several questions, for one charge.

    Raises:
        JaliError: with the code of the station that refused; a refusal is logged like an answer.
    """
    try:
        joint = plan_workload(text, request, house)
        for kept in house.ledger.find(_key(joint, request)):
            if kept.nano_rho >= joint.cost.nano_rho:
                return _again(joint, kept, request, house)
        facts = _facts(joint, request, house)
        accounts = tuple(accounts_for(joint.questions[0], request, house).values())
        population = joint.plans[0].cleared.population.id
        charge = house.ledger.charge(ChargeRequest(population, accounts, joint.cost, facts))
    except JaliError as error:
        log_refusal(text, request, house, error)
        raise
    released = _released(joint, request, house, charge)
    if released is None:
        failed = EngineFailed()
        house.ledger.lose(charge, replace(facts, decision="lost", codes=(failed.code,)))
        raise failed
    found, stored = released
    receipt = house.ledger.record(charge, stored, facts)
    return replace(found, receipt=receipt)


def _salt(joint: Joint, house: House) -> str:
    text = hashlib.sha256(joint.measure_text().encode()).hexdigest()
    return hmac.new(house.actor_key, b"workload " + text.encode(), hashlib.sha256).hexdigest()[:32]


def _facts(joint: Joint, request: Request, house: House) -> Facts:
    salted = f"{_salt(joint, house)}\n{joint.measure_text()}".encode()
    columns = (c for q in joint.questions for c in columns_of_answer(q.plan))
    return replace(
        facts_of(joint.text, request, house, joint.questions[0]),
        plan_digest=hashlib.sha256(salted).hexdigest(),
        mechanisms=tuple(line for plan in joint.plans for line in mechanisms_of(plan)),
        release_schema=", ".join(f"{c.role} {c.type}" for c in columns),
    )


def _key(joint: Joint, request: Request) -> ReleaseKey:
    first = joint.questions[0]
    return ReleaseKey(
        population=first.plan.cleared.population.id,
        purpose=request.purpose,
        data_version=first.snapshot.version,
        consent_epoch=CONSENT_EPOCH,
        cut_off=CUT_OFF,
        plan_digest=hashlib.sha256(f"workload\n{joint.measure_text()}".encode()).hexdigest(),
        contract_digests=tuple(c.digest for c in first.contracts),
        family_digest=family_digest(first.plan),
    )


_Stored: TypeAlias = tuple[JointAnswer, Answer]


def _released(joint: Joint, request: Request, house: House, charge: Charge) -> _Stored | None:
    """Return the answers and what is kept of them; None after any failure: it may depend on data."""
    try:
        return _measured(joint, request, house, charge)
    except Exception as error:  # noqa: BLE001  # whatever it is, it may depend on data
        _LOG.error("a workload failed: %s", type(error).__name__)
        return None


def _measured(joint: Joint, request: Request, house: House, charge: Charge) -> _Stored:
    release_id = uuid7(house.ledger.now_ms())
    snapshot = joint.questions[0].snapshot
    parts: list[dict[str, object]] = []
    shown: list[object] = []
    kept: list[Kept] = []
    bounds: list[dict[str, object]] = []
    for plan in joint.plans:
        noisy = house.trust.release(plan, snapshot)
        bounds += found_by(plan, noisy)
        described = source_of(plan)
        parts.append({"noisy": json.loads(noisy.to_json()), "source": described})
        shown += [evidence(plan, noisy)["mechanisms"]]
        if (source := read(described)) is not None:
            kept.append(Kept(release_id, joint.cost.nano_rho, source, noisy))
    charged = charged_by(charge)
    answers = _answers(joint, kept, request, house, release_id, charged)
    body = {
        "release": to_json(answers[0]),
        "parts": parts,
        "bounds": bounds,
        "evidence": {
            "plan": joint.measure_text(),
            "plan_salt": _salt(joint, house),
            "mechanisms": [one for some in shown for one in (some if isinstance(some, list) else [])],
            "selection": None,
        },
    }
    names = tuple(str(one["bound"]) for one in bounds)
    text = json.dumps(body, sort_keys=True)
    stored = Answer(release_id, text, _key(joint, request), joint.cost.nano_rho, bounds=names)
    return JointAnswer(release_id, answers, charged, joint.workload.forecasts, ""), stored


def _answers(
    joint: Joint,
    kept: list[Kept],
    request: Request,
    house: House,
    release_id: str,
    charged: tuple[Charged, ...],
) -> tuple[Release, ...]:
    served = {q: i for i, m in enumerate(joint.workload.measurements) for q in m.questions}
    found: list[Release] = []
    for place, question in enumerate(joint.questions):
        answer: Derived | None = jointly(question.plan, kept[served[place]])
        if answer is None:
            raise PriceDisagrees("a question of the workload does not follow from what was measured for it")
        read_by = replace(question, plan=answer.plan)
        rows = finish_lines(answer.plan, answer.lines)
        found.append(release_of(release_id, read_by, request, house, rows, charged))
    return tuple(found)


def _again(joint: Joint, kept: KeptRelease, request: Request, house: House) -> JointAnswer:
    """Return the answers of a kept workload; free, and logged."""
    parts = [replace(part, nano_rho=kept.nano_rho) for part in opened(kept)]
    answers = _answers(joint, parts, request, house, kept.release_id, ())
    facts = replace(_facts(joint, request, house), decision="kept")
    receipt = house.ledger.append_decision(facts, kept.release_id)
    return JointAnswer(kept.release_id, answers, (), joint.workload.forecasts, receipt)
