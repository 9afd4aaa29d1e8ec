"""The budget gates: limits frozen at activation, and one conditional update per account, all or none.

Every account has two limits, and a charge passes an account while either gate holds: zCDP (sum rho <= R) or basic
composition (sum epsilon <= E and sum delta <= D_basic), each judged on everything the account was ever charged. Both
need sum key delta <= D. A charge without a known basic price closes the second gate of its accounts for good. Limits
are fixed before, and each charge before data is read. Sums are exact integers. Which guarantee follows, and why, is in
docs/guarantees/composition.md.

Source: Whitehouse, Ramdas, Rogers and Wu, "Fully-Adaptive Composition in Differential Privacy" (2023), Theorem 1, for
the zCDP filter; Rogers, Roth, Ullman and Vadhan, "Privacy Odometers and Filters" (2016), for the basic one; SECURITY.md
rules 19, 20 and 21.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from jali.ledger import failures
from jali.ledger.accounts import (
    Account,
    Activation,
    ChargeRequest,
    Posting,
    check_amount,
    is_exact,
    patterns,
    period_label,
)
from jali.ledger.database import SET_BACK_AT_MOST_MS, Transaction
from jali.ledger.periods import current_labels
from jali.model.codes import BudgetExhausted
from jali.model.errors import together
from jali.model.money import ATTO, NANO, NOTHING, Basic, Cost, strictest

_TWO_PERSONS = 2
_COLUMNS: Final = "nano_rho, atto_delta, nano_epsilon, atto_basic"


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A limit as it is stored; `is_older` where it was frozen before there was a second gate."""

    limit: Cost
    is_older: bool

    def admits(self, limit: Cost) -> bool:
        """Return whether a limit may take its place without approvals: it is nowhere higher.

        An older one never had a basic part, so the first activation after the upgrade adds the one that belongs to the
        same epsilon.
        """
        if self.is_older and limit.fits_rho(self.limit):
            return True
        return limit.allows_at_most(self.limit)


def activate(connection: sqlite3.Connection, asked: Activation) -> tuple[Account, ...]:
    """Freeze the limits of an activation and return those that are new or changed.

    A lifetime belongs to the population: it is one limit for every contract, so a new contract or version cannot
    raise it either.

    Raises:
        LedgerFailed: if a limit frozen before would rise without two approvals.
    """
    changed: list[Account] = []
    for account in asked.accounts:
        own = _frozen(connection, asked.population, asked.contract_digest, account.key)
        old = _lifetime(connection, asked.population, account.key) if account.is_lifetime else own
        if own is not None and own == old == _Frozen(account.limit, is_older=False):
            continue
        if old is not None and not old.admits(account.limit) and len(set(asked.approvals)) < _TWO_PERSONS:
            raise failures.misuse(
                f"the limit of {account.key} is frozen", hint="raising a frozen limit needs two approvals"
            )
        _freeze(connection, asked, account)
        changed.append(account)
    return tuple(changed)


def _freeze(connection: sqlite3.Connection, asked: Activation, account: Account) -> None:
    """Write a limit; a lifetime's to every contract of its population, each of which still logs its own activation."""
    amounts = columns(account.limit)
    place = (asked.population, asked.contract_digest, account.key)
    connection.execute(
        f"INSERT INTO account_limit (population, contract, pattern, shown_as, {_COLUMNS}, is_older)"  # noqa: S608  # names
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET nano_rho = excluded.nano_rho,"
        " atto_delta = excluded.atto_delta, nano_epsilon = excluded.nano_epsilon,"
        " atto_basic = excluded.atto_basic, is_older = 0",
        (*place, account.shown_as or account.key, *amounts),
    )
    if account.is_lifetime:
        connection.execute(
            "UPDATE account_limit SET nano_rho = ?, atto_delta = ?, nano_epsilon = ?, atto_basic = ?"
            " WHERE population = ? AND pattern = ?",
            (*amounts, asked.population, account.key),
        )


def columns(cost: Cost) -> tuple[int, int, int | None, int | None]:
    """Return an amount as the four columns it is stored in; NULL twice where there is no basic part."""
    basic = cost.basic
    if basic is None:
        return cost.nano_rho, cost.atto_delta, None, None
    return cost.nano_rho, cost.atto_delta, basic.nano_epsilon, basic.atto_delta


def cost_of(row: Sequence[int | None]) -> Cost:
    """Return the amount of four columns."""
    rho, delta, epsilon, basic = row
    known = None if epsilon is None or basic is None else Basic(epsilon, basic)
    return Cost(rho or 0, delta or 0, known)


def _lifetime(connection: sqlite3.Connection, population: str, key: str) -> _Frozen | None:
    """Return the lifetime limit of a population, whichever contract activated it; None before the first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS}, is_older FROM account_limit WHERE population = ? AND pattern = ?",  # noqa: S608  # names
        (population, key),
    ).fetchall()
    if not rows:
        return None
    return _Frozen(strictest(cost_of(row[:4]) for row in rows), is_older=all(row[4] for row in rows))


def post(at: Transaction, asked: ChargeRequest) -> tuple[Posting, ...]:
    """Charge every account of the request, or none.

    Raises:
        BudgetExhausted: with one reason per account that cannot pay. LedgerFailed: if the request breaks a
        rule: no lifetime account, an account twice or of another period, a
            limit above the activated one.
    """
    check_amount(asked.cost)
    _check_accounts(at, asked)
    used = {a.key: spent(at.connection, asked.population, a.key) for a in asked.accounts}
    left = strictest(left_of(used[a.key], a.limit) for a in asked.accounts)
    too_poor = [a for a in asked.accounts if not (used[a.key] + asked.cost).fits(a.limit)]
    refused = [_refusal(asked.cost, account, used[account.key], left) for account in too_poor]
    if refused:
        raise together([*refused])
    return tuple(_post_one(at.connection, asked, account) for account in asked.accounts)


def _check_accounts(at: Transaction, asked: ChargeRequest) -> None:
    keys = [account.key for account in asked.accounts]
    if len(set(keys)) != len(keys) or not any(account.is_lifetime for account in asked.accounts):
        raise failures.misuse(
            "a charge names each account once and a lifetime account among them", hint="report it: a bug"
        )
    current = current_labels(at.now_ms, SET_BACK_AT_MOST_MS)
    for account in asked.accounts:
        label = period_label(account.key)
        if not is_exact(account.key) or (label is not None and label not in current):
            raise failures.misuse(
                f"the account {account.key} does not belong to the present period",
                hint="take the period from the ledger's clock",
            )
        active = _active_limit(at.connection, asked, account.key)
        if active is None or not account.limit.allows_at_most(active):
            raise failures.misuse(
                f"no limit as high as asked was activated for the account {account.key}",
                hint="activate the contract first",
            )


def _active_limit(connection: sqlite3.Connection, asked: ChargeRequest, key: str) -> Cost | None:
    """Return the strictest limit the contracts of a request put on an account, or None if none does."""
    found: list[Cost] = []
    for contract in asked.facts.contract_digests:
        limits = (_frozen(connection, asked.population, contract, pattern) for pattern in patterns(key))
        found += [frozen.limit for frozen in limits if frozen is not None][:1]
    return strictest(found) if found else None


def _frozen(connection: sqlite3.Connection, population: str, contract: str, pattern: str) -> _Frozen | None:
    row = connection.execute(
        f"SELECT {_COLUMNS}, is_older FROM account_limit"  # noqa: S608  # names
        " WHERE population = ? AND contract = ? AND pattern = ?",
        (population, contract, pattern),
    ).fetchone()
    return _Frozen(cost_of(row[:4]), is_older=bool(row[4])) if row else None


_ADD: Final = """
UPDATE account SET nano_rho = nano_rho + :rho, atto_delta = atto_delta + :delta,
  nano_epsilon = nano_epsilon + :epsilon, atto_basic = atto_basic + :basic
WHERE population = :population AND key = :key AND atto_delta + :delta <= :delta_limit
  AND (nano_rho + :rho <= :rho_limit
    OR ifnull(nano_epsilon + :epsilon <= :epsilon_limit AND atto_basic + :basic <= :basic_limit, 0))
RETURNING shown_as, nano_rho, atto_delta, nano_epsilon, atto_basic
"""
"""NULL, no number, stays NULL whatever is added to it and compares with nothing, so it closes the second gate."""


def _post_one(connection: sqlite3.Connection, asked: ChargeRequest, account: Account) -> Posting:
    """Add the cost to one account; the update itself refuses to let it out of both limits."""
    connection.execute(
        f"INSERT INTO account (population, key, shown_as, {_COLUMNS}) VALUES (?, ?, ?, 0, 0, 0, 0)"  # noqa: S608  # names
        " ON CONFLICT (population, key) DO NOTHING",
        (asked.population, account.key, account.shown_as or account.key),
    )
    before = spent(connection, asked.population, account.key)
    names = ("rho", "delta", "epsilon", "basic")
    amounts = dict(zip(names, columns(asked.cost), strict=True))
    limits = {f"{n}_limit": x for n, x in zip(names, columns(account.limit), strict=True)}
    place = {"population": asked.population, "key": account.key}
    row = connection.execute(_ADD, amounts | limits | place).fetchone()
    if row is None or cost_of(row[1:]) != before + asked.cost:
        raise failures.damaged()
    return Posting(account.key, row[0], account.limit, before, cost_of(row[1:]))


def _refusal(cost: Cost, account: Account, used: Cost, all_left: Cost) -> BudgetExhausted:
    """Return what an account has left under both gates, and what every account can still pay: public numbers."""
    left, after = left_of(used, account.limit), used + cost
    if replace(after, atto_delta=0).fits(account.limit):
        price, rest = (f"key delta {_decimal(c.atto_delta, ATTO)}" for c in (cost, left))
        said = f"this question costs {price} and the account {account.key} has {rest} left"
        return BudgetExhausted(said, hint="ask for declared keys: they cost no delta")
    price, rest = (f"rho {rho_text(c.nano_rho)}" for c in (cost, left))
    said = f"this question costs {price} and the account {account.key} has {rest} left"
    return BudgetExhausted(said + _second(cost, account.limit, left), hint=_cheaper(all_left))


def _second(cost: Cost, limit: Cost, left: Cost) -> str:
    """Return why the second gate does not hold either; empty where an account has none."""
    if limit.basic is None:
        return ""
    if left.basic is None:
        return "; its second gate is closed by an answer without a basic price"
    if cost.basic is None:
        return "; for the second gate this question has no basic price"
    price, rest = _basic_text(cost.basic), _basic_text(left.basic)
    return f"; for the second gate it costs {price} and {rest} is left"


def _cheaper(left: Cost) -> str:
    ways = [f"--rho {rho_text(left.nano_rho)}"] if left.nano_rho else []
    if left.basic is not None and left.basic.nano_epsilon:
        ways.append(f"--gate basic --epsilon {rho_text(left.basic.nano_epsilon)}")
    return f"retry with {' or '.join(ways)}" if ways else "reuse a kept answer or wait for the next period"


def _basic_text(basic: Basic) -> str:
    """Return a basic price in words; its delta only where there is one."""
    delta = f", delta {_decimal(basic.atto_delta, ATTO)}" if basic.atto_delta else ""
    return f"epsilon {_decimal(basic.nano_epsilon, NANO)}{delta}"


def spent(connection: sqlite3.Connection, population: str, key: str) -> Cost:
    """Return what all charges on an account cost together."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM account WHERE population = ? AND key = ?",  # noqa: S608  # names
        (population, key),
    ).fetchone()
    return cost_of(row) if row else NOTHING


def left_of(used: Cost, limit: Cost) -> Cost:
    """Return what is left under a limit; nothing if a stricter contract came later, None of a closed second gate."""
    basic = None
    if used.basic is not None and limit.basic is not None:
        basic = Basic(
            max(0, limit.basic.nano_epsilon - used.basic.nano_epsilon),
            max(0, limit.basic.atto_delta - used.basic.atto_delta),
        )
    rho, delta = limit.nano_rho - used.nano_rho, limit.atto_delta - used.atto_delta
    return Cost(max(0, rho), max(0, delta), basic)


def rho_text(nano_rho: int) -> str:
    """Return an amount of nano-rho as an exact decimal.

    Example:
        >>> rho_text(13_000_000), rho_text(2_000_000_000), rho_text(1)
        ('0.013', '2', '0.000000001')
    """
    return _decimal(nano_rho, NANO)


def _decimal(amount: int, unit: int) -> str:
    whole, part = divmod(amount, unit)
    digits = f"{part:0{len(str(unit)) - 1}d}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)
