"""Every station of a question as stable text: what users read in `jali explain` and what case tests compare."""

from fractions import Fraction
from math import sqrt

from jali.model.schema import Hints
from jali.plan.answer import columns_of_answer
from jali.plan.choice import Choice
from jali.plan.exact import AutoClip, CellClamp, FixedClip, Group, Key, SharedDistinct
from jali.plan.forecast import expected_sd, how_found, kept_from
from jali.plan.levels import most_added
from jali.plan.noise import LAPLACE, Noise
from jali.plan.private import Measured, PrivatePlan
from jali.plan.second import BASIC
from jali.sql import show
from jali.sql.tree import Query


def parsed(query: Query) -> list[str]:
    """Return the parsed station."""
    lines = [*show.relation(query.rows)]
    lines += [f"key {k.name} = {show.expression(k.expression)}" for k in query.keys]
    lines += [f"aggregate {i} = {show.aggregate(a)}" for i, a in enumerate(query.aggregates)]
    lines += [f"output {o.name} = {show.expression(o.expression)}" for o in query.outputs]
    if query.levels:
        sets = (", ".join(query.keys[i].name for i in level) for level in query.levels)
        lines.append("levels " + " ".join(f"({one})" for one in sets))
    if query.having is not None:
        lines.append(f"having {show.expression(query.having)} (over released values)")
    lines += [
        f"window {i} = {show.released_window(w)} (over released values)" for i, w in enumerate(query.windows)
    ]
    if query.qualify is not None:
        lines.append(f"qualify {show.expression(query.qualify)} (over released values)")
    lines += [f"order by {show.order(o)}" for o in query.order]
    if query.is_distinct:
        lines.append("distinct rows")
    if query.limit is not None or query.offset:
        lines.append(f"limit {query.limit} offset {query.offset}")
    return lines


def cleared(plan: PrivatePlan) -> list[str]:
    """Return the cleared station."""
    request = plan.cleared.request
    contracts = ", ".join(f"{c.id} {c.version}" for c in plan.cleared.contracts)
    return [
        f"purpose {plan.cleared.purpose.id} ({plan.cleared.purpose.dpv}, consent {plan.cleared.purpose.consent})",
        f"roles {', '.join(sorted(request.roles))}",
        f"contracts {contracts}",
        f"back end {plan.cleared.backend}: the curator's process sees exact aggregates, nobody else",
    ]


def private(plan: PrivatePlan, hints: Hints) -> list[str]:
    """Return the planned station: keys, bounds, mechanisms and price."""
    lines = [_key(key) for key in plan.exact.keys]
    if plan.is_public:
        return [*lines, "nothing is measured: the keys are public"]
    most = most_added(plan.exact.keys, plan.cleared.query.levels)
    if most > 1:
        lines.append(f"only the finest level is measured; a total adds up to {most} of its noisy cells")
    if plan.exact.row_cap is not None:
        lines.append(f"at most {plan.exact.row_cap} rows of a {plan.unit} count")
    lines += [_choice(choice, plan.unit) for choice in plan.choices]
    lines += [how_found(one, plan.unit) for one in plan.found]
    if plan.exact.max_keys is not None and not plan.choices:
        lines.append(f"at most {plan.exact.max_keys} keys of a {plan.unit} count (keyed sample)")
    for noise in plan.noises:
        lines += _measured([m for m in plan.measured if m.noise == noise], plan, hints)
    if plan.selection is not None:
        lines.append(
            f"key selection: discrete Gaussian, threshold {plan.selection.threshold / 65536:.4g} weight, "
            f"rho {plan.selection.nano_rho / 1e9:.6g}, delta {plan.selection.atto_delta / 1e18:.3g}"
        )
    return lines


def _choice(choice: Choice, unit: str) -> str:
    grid = choice.number.grid
    return (
        f"{choice.name}: found privately first, of one number per {unit}, among {len(grid)} candidates up to "
        f"{grid[-1]} (rank {show.number(choice.rank)}), rho {choice.nano_rho / 1e9:.6g}; "
        "the lines below are for the largest"
    )


def _key(key: Key) -> str:
    if key.values is None:
        return f"key {key.name}: found by private selection"
    extra = [name for name, has in (("(other)", key.has_other), ("(null)", key.has_null)) if has]
    more = f" and {', '.join(extra)}" if extra else ""
    return f"key {key.name}: {len(key.values)} declared{more}, every one answered"


def _measured(together: list[Measured], plan: PrivatePlan, hints: Hints) -> list[str]:
    measured, noise = together[0], together[0].noise
    name = ", ".join(show.aggregate(m.aggregate) for m in together)
    lines = [f"{name}: {_bound(noise, plan.unit)}"]
    price = f"rho {noise.nano_rho / 1e9:.6g}"
    if noise.choice_nano_rho:
        price += f" + {noise.choice_nano_rho / 1e9:.6g} for the clip"
    if noise.nano_epsilon:
        price += f", epsilon {noise.nano_epsilon / 1e9:.6g}"
        if noise.choice_nano_epsilon:
            price += f" + {noise.choice_nano_epsilon / 1e9:.6g} for the clip"
    lines.append(f"  {noise.mechanism.replace('_', ' ')}, {price}")
    lines.append(f"  {_forecast(measured, hints)}")
    return lines


def _bound(noise: Noise, unit: str) -> str:
    group = noise.group
    if isinstance(group, SharedDistinct):
        sensitivity = f"squared L2 sensitivity {group.squared()}"
        return f"{group.per_key} values per key and {group.max_keys} keys of a {unit}; {sensitivity}"
    step = group.statistics[0][0].step
    match group.bound:
        case CellClamp(limits):
            low, high = (show.number(x * step) for x in limits[0])
            sensitivity = f"squared L2 sensitivity {group.squared()} steps"
            return f"each key of a {unit} in [{low}, {high}], {group.max_keys} keys; {sensitivity}"
        case FixedClip(squared):
            return f"L2 norm of a {unit} over its keys at most {sqrt(squared) * float(step):.6g}"
        case AutoClip() if noise.kept is not None:
            kept = kept_from(noise.kept.release_id, is_elsewhere=noise.is_elsewhere)
            return (
                f"L2 norm of a {unit} over its keys at most {show.number(noise.kept.value * step)}: it {kept}"
            )
        case AutoClip(norms, rank):
            return (
                f"L2 norm of a {unit} over its keys clipped at a bound found privately among {len(norms)} "
                f"up to {show.number(norms[-1] * step)} (rank {show.number(rank)})"
            )


def _forecast(measured: Measured, hints: Hints) -> str:
    sd = expected_sd(measured.noise, hints)
    group = measured.noise.group
    step = group.statistics[0][0].step if isinstance(group, Group) else Fraction(1)
    if sd is None:
        return "no forecast: the contract gives no hints"
    if isinstance(group, Group) and group.tree is not None:
        return f"expected noise of each of {group.tree.nodes} counts: sd {sd:.4g}"
    if measured.moments:
        return f"expected noise of the number of rows: sd {sd * float(step):.4g}"
    if measured.aggregate.kind == "mean":
        return f"expected noise of the sum of deviations: sd {sd * float(step):.4g}"
    width = (2.12 if measured.noise.mechanism == LAPLACE else 1.96) * sd * float(step)
    certain = "" if not isinstance(group, Group) or not isinstance(group.bound, AutoClip) else "about "
    certain = "" if measured.noise.kept is not None else certain
    return f"expected: within {certain}+-{width:.4g} of the bounded total, 19 times in 20"


def priced(plan: PrivatePlan) -> list[str]:
    """Return what the answer costs, on both scales and by itself."""
    if plan.is_public:
        return ["rho 0: the answer follows from the contract alone"]
    epsilon, delta = (float(part) for part in plan.guarantee)
    return [
        f"rho {plan.cost.nano_rho / 1e9:.9g}, key delta {plan.cost.atto_delta / 1e18:.3g}",
        _basic(plan),
        f"by itself the answer is ({epsilon:.4g}, {delta:.3g})-differentially private for one {plan.unit}",
        "the price recomputed from the mechanisms agrees",
    ]


def _basic(plan: PrivatePlan) -> str:
    basic = plan.cost.basic
    if basic is None:
        return f"no price for the second gate: {plan.why_no_basic_price}"
    delta = f", delta {basic.atto_delta / 1e18:.3g}" if basic.atto_delta else ""
    chosen = " (the price asked for)" if plan.gate == BASIC else ""
    return f"for the second gate epsilon {basic.nano_epsilon / 1e9:.9g}{delta}{chosen}"


def output(plan: PrivatePlan) -> list[str]:
    """Return the shape of the answer."""
    return [f"{c.name} {c.type} {c.role}" for c in columns_of_answer(plan)]


def leakage() -> list[str]:
    """Return who learns what under the central back end."""
    return [
        "the asker learns the noisy values below and their public parameters",
        "the curator's process learns exact aggregates and forgets them",
        "the audit log learns who asked, when, for what purpose and at what price; never values or literals",
    ]
