"""Every refusal Jali can make, one class per permanent code; each docstring is the page of its code.

A code never changes its meaning and is never used again. Pages in docs/reference/errors are made from these
docstrings by `tools/error_pages.py`, and a test checks that they are current.
"""

from jali.model.errors import JaliError


class PriceDisagrees(JaliError):
    """The price recomputed from the plan's mechanisms differs from the price about to be charged.

    What happened: two independent computations of the privacy loss did not agree, so nothing ran.
    Why we refuse: one of the two is wrong, and a wrong price is a broken promise.
    What you can do: report it; the query text and the contract are enough to reproduce it.
    """

    code = "J000"
    title = "price disagrees (a bug in Jali)"


class NotSql(JaliError):
    """The text is not one SELECT statement in SQL that the parser understands.

    What happened: the text did not parse, held several statements, or was not a question.
    Why we refuse: only a single SELECT can be given a private answer; everything else does not exist here.
    What you can do: look at the underlined place; send one SELECT without a semicolon in the middle.
    """

    code = "J101"
    title = "not a single SQL question"


class UnknownTable(JaliError):
    """No contract declares a table of this name.

    What happened: the FROM clause names a table that no active contract declares.
    Why we refuse: default deny; a table nobody declared does not exist.
    What you can do: use one of the tables listed, or ask the data owner for a contract.
    """

    code = "J102"
    title = "unknown table"


class UnknownColumn(JaliError):
    """No column of this name is declared in the tables of the query.

    What happened: a name in the query belongs to no table in FROM.
    Why we refuse: default deny; a column without a privacy block does not exist.
    What you can do: check the spelling against the columns listed.
    """

    code = "J103"
    title = "unknown column"


class Unsupported(JaliError):
    """The query uses a part of SQL that Jali does not answer.

    What happened: a clause or expression of the query has no private meaning here, or none yet.
    Why we refuse: the meaning of a query is never changed silently; what cannot be kept is refused.
    What you can do: follow the hint; docs/reference/sql.md lists what is answered.
    """

    code = "J104"
    title = "unsupported SQL"


class FunctionNotAllowed(JaliError):
    """The function is not on the list of total functions.

    What happened: the query calls a function that is not on the allow-list.
    Why we refuse: a function that can fail or run long on one person's value leaks that value.
    What you can do: use one of the functions listed in docs/reference/functions.md.
    """

    code = "J105"
    title = "function not allowed"


class WrongType(JaliError):
    """A function or operator got arguments of types it does not take.

    What happened: the types of an expression do not fit together.
    Why we refuse: implicit conversions can fail on one person's value; nothing is converted silently.
    What you can do: compare or combine values of one type, or CAST a literal.
    """

    code = "J106"
    title = "wrong type"


class TooLarge(JaliError):
    """The query exceeds a limit on text size, depth, columns or literals.

    What happened: the query is larger than what is parsed.
    Why we refuse: planning must end in bounded time whatever is sent.
    What you can do: split the query; docs/reference/sql.md lists the limits.
    """

    code = "J107"
    title = "query too large"


class AmbiguousName(JaliError):
    """A name fits several columns, or two relations share one alias.

    What happened: a name without a qualifier exists in more than one relation of the query.
    Why we refuse: guessing could answer another question than the one asked.
    What you can do: put the alias of the relation in front of the name.
    """

    code = "J108"
    title = "ambiguous name"


class UnknownAnalyst(JaliError):
    """Nobody of this name is declared in the house.

    What happened: the name given with --as is not among the users of jali.toml.
    Why we refuse: every answer is charged to somebody who exists.
    What you can do: use a declared name, or ask the steward to add one.
    """

    code = "J201"
    title = "unknown analyst"


class UnknownPurpose(JaliError):
    """The contract declares no purpose of this name.

    What happened: the purpose given is not declared by a contract the query reads.
    Why we refuse: data may be used only for a purpose that was declared.
    What you can do: use one of the purposes listed.
    """

    code = "J202"
    title = "unknown purpose"


class RoleNotAllowed(JaliError):
    """The analyst's roles do not open this purpose.

    What happened: no role of the analyst gives access to the purpose under this contract.
    Why we refuse: access is by role and purpose; everything else is denied.
    What you can do: ask for a purpose your role opens, or ask the data owner for the role.
    """

    code = "J203"
    title = "role not allowed"


class PurposeNotAllowed(JaliError):
    """The purpose is denied by the contract.

    What happened: a rule of the contract forbids this purpose, whoever asks.
    Why we refuse: denied purposes win over everything else.
    What you can do: ask for another purpose; this one is closed.
    """

    code = "J204"
    title = "purpose not allowed"


class ColumnNotReadable(JaliError):
    """The column exists but may not be read.

    What happened: the column never lands in the store, or its contract gives it no privacy block.
    Why we refuse: default deny.
    What you can do: leave the column out, or ask the data owner to extend the contract.
    """

    code = "J205"
    title = "column not readable"


class AggregateNotAllowed(JaliError):
    """The contract does not permit this aggregate of this column.

    What happened: the column's list of aggregates does not hold the one asked for.
    Why we refuse: what is permissible is listed; the rest is denied.
    What you can do: use one of the aggregates listed, or ask the data owner.
    """

    code = "J206"
    title = "aggregate not allowed"


class GroupByNotAllowed(JaliError):
    """The contract does not permit grouping by this column in this form.

    What happened: the column is closed as a key, or only open through a binned or transformed form.
    Why we refuse: keys are shown; which keys may be shown is declared.
    What you can do: group by a permitted column or by a coarser expression of it.
    """

    code = "J207"
    title = "grouping not allowed"


class FilterNotAllowed(JaliError):
    """The contract forbids the column in conditions.

    What happened: the column is used in WHERE, HAVING, CASE, FILTER or JOIN and the contract denies that.
    Why we refuse: a condition on an identifier singles a person out.
    What you can do: filter on another column.
    """

    code = "J208"
    title = "filter not allowed"


class IdentifierUse(JaliError):
    """An identifier or unit key is used where it may not be.

    What happened: an identifier would appear in the output, in arithmetic or in a condition.
    Why we refuse: the unit key can only join on the unit, group per unit and be counted distinct.
    What you can do: use COUNT(DISTINCT key), or leave the identifier out.
    """

    code = "J209"
    title = "identifier not allowed here"


class ConsentNeeded(JaliError):
    """The purpose needs consent and the consented set is not available.

    What happened: the purpose requires consent, or the consent feed is missing or late.
    Why we refuse: without the feed nobody knows who agreed; unknown counts as no.
    What you can do: ask for a purpose without consent, or have the steward renew the feed.
    """

    code = "J210"
    title = "consent needed"


class BackendNotAllowed(JaliError):
    """The contract or role does not allow the trust back end asked for.

    What happened: the back end is not among those the contract and the role allow.
    Why we refuse: who may see exact aggregates is part of the contract.
    What you can do: use one of the back ends listed.
    """

    code = "J211"
    title = "trust back end not allowed"


class JoinNotAllowed(JaliError):
    """The contract does not permit this join.

    What happened: two tables were joined on columns that are neither the unit nor a declared relationship.
    Why we refuse: a join off the unit path lets one person touch other people's rows.
    What you can do: join on the unit key, along a foreign key of the contract, or to a public table.
    """

    code = "J212"
    title = "join not allowed"


class RowsAsked(JaliError):
    """The query asks for rows instead of aggregates.

    What happened: a column of a private table is selected outside an aggregate and is not a grouping key.
    Why we refuse: nobody ever sees a row.
    What you can do: aggregate the column, or group by it if the contract allows.
    """

    code = "J301"
    title = "rows are never shown"


class UnitLost(JaliError):
    """The privacy unit cannot be followed through the query.

    What happened: a subquery drops, changes or mixes the column that says whose row it is.
    Why we refuse: without the unit nobody's contribution can be bounded.
    What you can do: keep the unit key unchanged in every subquery and join on it.
    """

    code = "J302"
    title = "unit lost"


class JoinNotBounded(JaliError):
    """The number of joined rows of one unit has no bound.

    What happened: several private tables with many rows per unit are joined and no joinRows is declared.
    Why we refuse: without a bound one person could be any part of the answer.
    What you can do: declare contribution.joinRows in the contract, or aggregate one side per unit first.
    """

    code = "J311"
    title = "join not bounded"


class NoBounds(JaliError):
    """A value has no bounds, so its noise cannot be computed.

    What happened: the aggregated expression has neither declared nor derived bounds.
    Why we refuse: the noise must cover the largest value one person could bring.
    What you can do: declare bounds in the contract, or write SUM(LEAST(GREATEST(x, low), high)).
    """

    code = "J312"
    title = "value without bounds"


class NoContributionBound(JaliError):
    """The contract lacks a contribution bound that this plan needs.

    What happened: the plan needs a number such as maxRows, maxGroups or clip that is not declared.
    Why we refuse: a bound is declared or bought, never a default nobody chose.
    What you can do: add the named key to the table's contribution block.
    """

    code = "J313"
    title = "contribution not bounded"


class DomainTooLarge(JaliError):
    """The declared keys of the grouping are more than may be answered.

    What happened: the product of the key domains exceeds output.maxRows.
    Why we refuse: every declared key is answered, so the answer would be too large.
    What you can do: group by fewer or coarser keys.
    """

    code = "J314"
    title = "too many keys"


class OutOfNumbers(JaliError):
    """An exact sum could leave the range of the engine's integers.

    What happened: interval arithmetic could not prove that nothing overflows.
    Why we refuse: a sum that wraps or saturates breaks the guarantee.
    What you can do: aggregate a smaller expression or declare tighter bounds.
    """

    code = "J315"
    title = "overflow cannot be excluded"


class AccuracyOutOfReach(JaliError):
    """The accuracy asked for costs more than one question may cost.

    What happened: the price of the accuracy is above the limit for a single question, or it has no price.
    Why we refuse: the limit per question is part of the contract.
    What you can do: ask for less accuracy, or for fewer keys.
    """

    code = "J316"
    title = "accuracy out of reach"


class BadOption(JaliError):
    """A privacy option of the query is not a number in its range.

    What happened: epsilon, rho, accuracy or confidence is not a positive finite number, or two exclude each other.
    Why we refuse: a price that is not a number cannot be charged.
    What you can do: give one of epsilon, rho or accuracy as a plain positive decimal.
    """

    code = "J317"
    title = "bad privacy option"


class NotPrivate(JaliError):
    """No plan gives this query a private answer.

    What happened: every plan tried leaves some part of the answer without noise or without a bound.
    Why we refuse: an answer leaves only if it is private.
    What you can do: follow the hint; the nearest accepted query is shown where one exists.
    """

    code = "J318"
    title = "cannot be private"


class NotAdditive(JaliError):
    """A total of ROLLUP, CUBE or GROUPING SETS is not the sum over its parts.

    What happened: the question asks for totals beside parts, of keys that are not declared or of an aggregate such as
        COUNT(DISTINCT x).
    Why we refuse: one level is measured and the others are added up from it, for one price; a person who is counted
        at two parts would be counted twice in the total.
    What you can do: ask each level by itself; COUNT, SUM and AVG over declared keys are added up.
    """

    code = "J319"
    title = "does not add up"


class BudgetExhausted(JaliError):
    """An account has too little left for this question.

    What happened: the price is more than what is left in at least one account.
    Why we refuse: all answers together must stay within what was promised.
    What you can do: ask at the lower price in the hint, reuse a kept answer, or wait for the next period.
    """

    code = "J401"
    title = "budget exhausted"


class QuestionTooDear(JaliError):
    """The price is above the limit for one question.

    What happened: the epsilon, rho or accuracy asked for costs more than perQuery.max.
    Why we refuse: the contract limits what one question may reveal.
    What you can do: ask at or below the limit.
    """

    code = "J402"
    title = "question too dear"


class NoBasicPrice(JaliError):
    """The question has no epsilon of its own, so it cannot be priced for the second gate.

    What happened: the question asks for --gate basic, and the only noise that could answer it is Gaussian.
    Why we refuse: Gaussian noise has no finite epsilon at delta 0, and the population declares no delta.basic.
    What you can do: ask with --gate rho, or group by keys that the contract declares.
    """

    code = "J404"
    title = "no basic price"


class AnalystHeld(JaliError):
    """Three of the analyst's last questions failed after their charge, or too many are open at once.

    What happened: three of the last twenty questions of this analyst about this population came to no answer.
    Why we refuse: whether a question fails can depend on data, so nobody may provoke failures again and again.
    What you can do: ask a steward to find the cause and to lift the hold with jali hold lift.
    """

    code = "J403"
    title = "held after failures"


class EngineFailed(JaliError):
    """The engine did not deliver; the charge stands.

    What happened: the query could not be computed. The text is always the same, whatever the cause.
    Why we refuse: an error that depends on data is an answer.
    What you can do: ask again later; tell the steward, who finds the cause in the engine's own log.
    """

    code = "J501"
    title = "engine failed"

    def __init__(self) -> None:
        """Make the one fixed text."""
        super().__init__(
            "the engine could not compute the answer; the charge stands", hint="tell the steward"
        )


class NoData(JaliError):
    """A table of the query has not been ingested.

    What happened: the contract declares the table and the store has no version of it.
    Why we refuse: there is nothing to answer from.
    What you can do: run jali ingest for the table.
    """

    code = "J502"
    title = "no data yet"


class StoreStale(JaliError):
    """A table of the query was loaded under other rules than the active ones.

    What happened: since the table was loaded its contract changed in something the stored files depend on: whose a
    row is, which population protects it, whether it is public, or the type, transform, key or presence of a column.
    Why we refuse: the answer's sensitivity is computed from the active rules and would not hold for these files.
    What you can do: ask the steward to load the table again with jali ingest, or to take the change back.
    """

    code = "J503"
    title = "data loaded under other rules"


class BackendMissing(JaliError):
    """The trust back end is not installed or not configured.

    What happened: the plan needs a back end that this house does not run.
    Why we refuse: falling back to another back end would change who must be trusted.
    What you can do: configure the back end, or ask under central where the contract allows it.
    """

    code = "J601"
    title = "trust back end missing"


class LedgerFailed(JaliError):
    """The ledger could not be read or written; nothing was answered.

    What happened: the file that holds the charges is missing, locked, damaged or full.
    Why we refuse: no charge, no answer.
    What you can do: the steward restores the ledger; run jali audit verify afterwards.
    """

    code = "J701"
    title = "ledger failed"


class AuditFailed(JaliError):
    """The audit log could not be written or does not verify.

    What happened: an entry could not be appended, or the log differs from its signed checkpoint.
    Why we refuse: no audit entry, no answer.
    What you can do: the steward runs jali audit verify and restores the log.
    """

    code = "J702"
    title = "audit log failed"


class StoreFailed(JaliError):
    """The protected store could not be read or written.

    What happened: a file of the store is missing, damaged or not writable.
    Why we refuse: a half-read version is not a version.
    What you can do: check space and permissions; a failed load changes nothing, so load again.
    """

    code = "J703"
    title = "store failed"


class IngestFailed(JaliError):
    """A load stopped before it changed anything.

    What happened: the source could not be read, or its columns differ from the contract.
    Why we refuse: schema drift fails closed until somebody has looked.
    What you can do: correct the source or the contract and load again.
    """

    code = "J704"
    title = "load stopped"


class VaultFailed(JaliError):
    """A key is missing or the vault is not safe to use.

    What happened: the vault is missing, readable by others, or lacks a named key.
    Why we refuse: keys that others can read protect nobody.
    What you can do: restore the vault and its permissions (700 for the folder, 600 for files).
    """

    code = "J705"
    title = "vault failed"


class Usage(JaliError):
    """The command or setting cannot be understood.

    What happened: an argument, a path or a setting in jali.toml is wrong.
    Why we refuse: guessing what was meant could do the wrong thing.
    What you can do: follow the hint; jali --help lists commands and options.
    """

    code = "J801"
    title = "wrong usage"


class ContractInvalid(JaliError):
    """A contract, population, charter or setting breaks a rule.

    What happened: jali check found an error; all of them are listed with file and line.
    Why we refuse: a house with an invalid contract answers nothing.
    What you can do: correct the lines shown and run jali check again.
    """

    code = "J901"
    title = "contract invalid"


class CheckFailed(JaliError):
    """A check found something: an audit log, a policy test or a document that does not hold.

    What happened: a verification command found a difference.
    Why we refuse: evidence that does not verify must not pass silently.
    What you can do: read the findings listed.
    """

    code = "J902"
    title = "check failed"


def every_code() -> dict[str, type[JaliError]]:
    """Return all error classes by code, in order of code."""
    found = {cls.code: cls for cls in JaliError.__subclasses__()}
    return dict(sorted(found.items()))
