"""The budget gate: limits frozen at activation, and one conditional update per account, all or none.

The gate is an approximate-zCDP filter: a charge passes while sum rho <= R and sum delta <= D hold in every
account it names, with R and D fixed before and each charge fixed before data is read. Sums are exact
integers.

Source: Whitehouse, Ramdas, Rogers and Wu, "Fully-Adaptive Composition in Differential Privacy" (2023),
Theorem 1; SECURITY.md rules 19, 20 and 21.
"""

import sqlite3

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
from jali.model.money import ATTO, NANO, Cost

_TWO_PERSONS = 2


def activate(connection: sqlite3.Connection, asked: Activation) -> tuple[Account, ...]:
    """Freeze the limits of an activation and return those that are new or changed.

    A lifetime belongs to the population: it is one limit for every contract, so a new contract or version cannot
    raise it either.

    Raises:
        LedgerFailed: if a limit frozen before would rise without two approvals.
    """
    changed: list[Account] = []
    for account in asked.accounts:
        place = (asked.population, asked.contract_digest, account.key)
        own = _frozen(connection, *place)
        old = _lifetime(connection, asked.population, account.key) if account.is_lifetime else own
        if own == old == account.limit:
            continue
        if old is not None and not account.limit.fits(old) and len(set(asked.approvals)) < _TWO_PERSONS:
            raise failures.misuse(
                f"the limit of {account.key} is frozen", hint="raising a frozen limit needs two approvals"
            )
        connection.execute(
            "INSERT INTO account_limit VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET nano_rho = excluded.nano_rho, atto_delta = excluded.atto_delta",
            (*place, account.shown_as or account.key, account.limit.nano_rho, account.limit.atto_delta),
        )
        if account.is_lifetime:
            connection.execute(
                "UPDATE account_limit SET nano_rho = ?, atto_delta = ? WHERE population = ? AND pattern = ?",
                (account.limit.nano_rho, account.limit.atto_delta, asked.population, account.key),
            )
        changed.append(account)
    return tuple(changed)


def _lifetime(connection: sqlite3.Connection, population: str, key: str) -> Cost | None:
    """Return the lifetime limit of a population, whichever contract activated it; None before the first."""
    row = connection.execute(
        "SELECT min(nano_rho), min(atto_delta) FROM account_limit WHERE population = ? AND pattern = ?",
        (population, key),
    ).fetchone()
    return Cost(*row) if row[0] is not None else None


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
    fits = min(left_of(used[a.key], a.limit).nano_rho for a in asked.accounts)
    too_poor = [a for a in asked.accounts if not (used[a.key] + asked.cost).fits(a.limit)]
    refused = [_refusal(asked.cost, account, used[account.key], fits) for account in too_poor]
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
        if active is None or not account.limit.fits(active):
            raise failures.misuse(
                f"no limit as high as asked was activated for the account {account.key}",
                hint="activate the contract first",
            )


def _active_limit(connection: sqlite3.Connection, asked: ChargeRequest, key: str) -> Cost | None:
    """Return the strictest limit the contracts of a request put on an account, or None if none does."""
    found: list[Cost] = []
    for contract in asked.facts.contract_digests:
        limits = (_frozen(connection, asked.population, contract, pattern) for pattern in patterns(key))
        found += [limit for limit in limits if limit is not None][:1]
    if not found:
        return None
    return Cost(min(limit.nano_rho for limit in found), min(limit.atto_delta for limit in found))


def _frozen(connection: sqlite3.Connection, population: str, contract: str, pattern: str) -> Cost | None:
    row = connection.execute(
        "SELECT nano_rho, atto_delta FROM account_limit"
        " WHERE population = ? AND contract = ? AND pattern = ?",
        (population, contract, pattern),
    ).fetchone()
    return Cost(*row) if row else None


def _post_one(connection: sqlite3.Connection, asked: ChargeRequest, account: Account) -> Posting:
    """Add the cost to one account; the update itself refuses to exceed the limit."""
    connection.execute(
        "INSERT INTO account (population, key, shown_as, nano_rho, atto_delta) VALUES (?, ?, ?, 0, 0)"
        " ON CONFLICT (population, key) DO NOTHING",
        (asked.population, account.key, account.shown_as or account.key),
    )
    row = connection.execute(
        "UPDATE account SET nano_rho = nano_rho + :rho, atto_delta = atto_delta + :delta"
        " WHERE population = :population AND key = :key"
        " AND nano_rho + :rho <= :rho_limit AND atto_delta + :delta <= :delta_limit"
        " RETURNING shown_as, nano_rho, atto_delta",
        {
            "rho": asked.cost.nano_rho,
            "delta": asked.cost.atto_delta,
            "population": asked.population,
            "key": account.key,
            "rho_limit": account.limit.nano_rho,
            "delta_limit": account.limit.atto_delta,
        },
    ).fetchone()
    if row is None:
        raise failures.damaged()
    after = Cost(row[1], row[2])
    before = Cost(after.nano_rho - asked.cost.nano_rho, after.atto_delta - asked.cost.atto_delta)
    return Posting(account.key, row[0], account.limit, before, after)


def _refusal(cost: Cost, account: Account, used: Cost, fits: int) -> BudgetExhausted:
    """Return what an account has left, and `fits`, the most nano-rho all accounts can pay: public numbers."""
    left = left_of(used, account.limit)
    if used.nano_rho + cost.nano_rho > account.limit.nano_rho:
        price, rest = f"rho {rho_text(cost.nano_rho)}", f"rho {rho_text(left.nano_rho)}"
        retry = f"retry with --rho {rho_text(fits)}"
        hint = retry if fits else "reuse a kept answer or wait for the next period"
    else:
        price, rest = (f"key delta {_decimal(c.atto_delta, ATTO)}" for c in (cost, left))
        hint = "ask for declared keys: they cost no delta"
    said = f"this question costs {price} and the account {account.key} has {rest} left"
    return BudgetExhausted(said, hint=hint)


def spent(connection: sqlite3.Connection, population: str, key: str) -> Cost:
    """Return what all charges on an account cost together."""
    row = connection.execute(
        "SELECT nano_rho, atto_delta FROM account WHERE population = ? AND key = ?", (population, key)
    ).fetchone()
    return Cost(*row) if row else Cost(0)


def left_of(used: Cost, limit: Cost) -> Cost:
    """Return what is left under a limit; nothing if a stricter contract came later."""
    return Cost(max(0, limit.nano_rho - used.nano_rho), max(0, limit.atto_delta - used.atto_delta))


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
