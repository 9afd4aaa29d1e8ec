"""What each contract key, setting and function means, in one place; the schemas and the code say which ones there are."""

from dataclasses import dataclass

NOT_YET = "*Not yet:* "

COLUMN = {
    "class": "`identifier` names a person or thing and is never shown; `quasi` and `sensitive` describe people; `open_domain` says that the list of values is public (who has which value is not).",
    "output": "`never` keeps the column out of every answer; an identifier needs it.",
    "transform": "What ingestion does to the value before it is stored. A foreign key inherits its target's.",
    "transform.kind": "`hmac` a keyed pseudonym; `truncate` the start of an hour, month...; `bin` the lower edge of a bin; `prefix` the first characters; `mask` stars; `null` never lands. `generalise`, `ff1`, `token_vault` and `local` are not available yet and stop a load.",
    "transform.key": "The vault's key for a pseudonym, such as `keys:customer`; made at the first load.",
    "transform.context": "A word that keeps pseudonyms of different uses apart.",
    "transform.alphabet": NOT_YET + "the alphabet of a format-preserving token.",
    "transform.to": "The step of `truncate`, or `year` for bins of dates.",
    "transform.width": "The width of a bin.",
    "transform.from": "Where bins begin.",
    "transform.until": "Where bins end.",
    "transform.length": "How many characters a prefix keeps.",
    "transform.keep": "How many characters a mask leaves.",
    "transform.map": NOT_YET + "from value to coarser value.",
    "transform.epsilon": NOT_YET + "the price of randomising at the source.",
    "ingest": "`drop` keeps the column out of the store. The other words do nothing by themselves: without a `transform` the value lands as it is.",
    "groupBy": "Whether the column may be a key of an answer: `allowed`, `transformed` (the stored, transformed value), `binned` (only inside an expression with few values, such as `FLOOR(x / 10)`), or `denied`, the default.",
    "domain": "Which keys there are. Every declared key is answered, also where it is empty; other values become `(other)`, NULL `(null)`.",
    "domain.from": "`enum` takes the column's own `enum`; `dp_key_selection` finds keys privately, at a price.",
    "domain.values": "A list of keys.",
    "domain.range": "Keys from, until and by a step; `until` is included for numbers and left out for dates.",
    "domain.range.from": "The first key.",
    "domain.range.until": "The end.",
    "domain.range.step": "The step: a number, or a duration such as `P1M`.",
    "domain.table": "A public table whose column lists the keys.",
    "domain.column": "The column of that table.",
    "filter": "`denied` forbids the column in WHERE, HAVING, CASE, FILTER and JOIN. Identifiers are denied always, the others allowed by default.",
    "aggregates": "Which aggregates may be asked. `variance`, `quantile` and `minmax` can be declared and are not answered yet.",
    "bounds": "What one value is clamped to in sums and averages, and the grid it is stored on.",
    "bounds.lower": "The smallest value that counts.",
    "bounds.upper": "The largest value that counts.",
    "bounds.resolution": "The grid, such as 0.01; needed for every stored number that is not whole.",
    "bounds.center": "A public typical value. An average is measured around it, which takes less noise.",
    "perUnit": "A bound on one unit's total of the column over the whole table.",
    "perUnit.upper": "The bound. It caps the noise and ends the search of an automatic clip.",
    "unitOfMeasure": "Shown beside the numbers, such as USD.",
    "matchKey": NOT_YET + "allows a join key between organisations.",
}

TABLE = {
    "unitKey": "The column that says whose row it is. It lands as a keyed pseudonym only.",
    "unitPath": "The way to the unit for a table that does not carry it: own key, the key it meets, and on.",
    "unitRole": "`root`: one row per unit. `public`: nothing in the table is personal.",
    "source": "Where a public table comes from; it must be outside the private data.",
    "contribution": "What one unit may bring at most. Numbers a question needs and does not find here are a refusal.",
    "contribution.maxRows": "Rows of one unit, counted after filters and joins; more are cut by a keyed order.",
    "contribution.maxGroups": "Keys of one unit in one answer; more are cut by a keyed sample. `auto`: found privately, up to `maxRows` or the declared keys.",
    "contribution.joinRows": "Rows of one unit after joining private tables. `auto`: found privately, up to the product of their `maxRows`.",
    "contribution.maxDistinct": "Column: distinct values of one unit at one key. `auto`: found privately, up to `maxRows`.",
    "contribution.perGroup": "`rows` or a column: one unit's total at one key.",
    "contribution.clip": "`auto`, or a norm for `rows` or a column: one unit's whole contribution over all keys is scaled down to it.",
    "contribution.onExceed": "What happens above a bound: `sample`, the only way there is.",
}

CONTRACT = {
    "policyVersion": "The version of these rules.",
    "population": "Name of the population file.",
    "hints": "Facts from outside the data that forecasts may read. The guarantee does not depend on them.",
    "hints.units": "About how many units there are.",
    "hints.rowsPerUnit": "About how many rows a unit has.",
    "hints.rowsPerUnit.p50": "Half of the units have at most so many.",
    "hints.rowsPerUnit.p90": "Nine in ten have at most so many.",
    "hints.rowsPerUnit.p99": "All but one in a hundred have at most so many.",
    "hints.keysPerUnit": NOT_YET + "about how many keys a unit has.",
    "hints.source": "Where the hints come from.",
    "purposes": "What people may ask for.",
    "purposes.id": "Its name, given with `--purpose`.",
    "purposes.dpv": "Its term in the Data Privacy Vocabulary.",
    "purposes.basis": "Its legal basis.",
    "purposes.special": "The basis for special categories of data, where one is needed.",
    "purposes.consent": "`none` and `objection`: answered while the consent feed is fresh. `required`: refused until consent is built.",
    "deniedPurposes": "Terms or names that win over everything else.",
    "consent": "Where consent comes from and how fresh it must be.",
    "consent.source": "The feed.",
    "consent.source.table": "Its table.",
    "consent.source.unitKey": "The unit in it.",
    "consent.epoch": NOT_YET + "how long one set of consenting units stays.",
    "consent.maxLag": "How old the feed's last heartbeat may be; older refuses every question.",
    "consent.signals": NOT_YET + "which signals the feed carries.",
    "access": "Which role may ask for which purposes, by which back ends.",
    "access.role": "A role of `jali.toml`.",
    "access.purposes": "Purposes the role opens.",
    "access.trust": "Back ends the role may use.",
    "trust": "Back ends the data may be answered by. This version runs `central`.",
    "trust.central": "One curator sees exact totals and adds the noise.",
    "trust.mpc": NOT_YET + "several parties, none of which sees the others' data.",
    "trust.he": NOT_YET + "an aggregator that only sees ciphertexts.",
    "trust.tee": NOT_YET + "an attested enclave.",
    "trust.local": NOT_YET + "noise at the source.",
    "trust.*.allowed": "Whether it may be used.",
    "trust.*.minParties": NOT_YET + "fewest parties.",
    "trust.*.collusion": NOT_YET + "most parties that may work together against the rest.",
    "trust.*.attestation": NOT_YET + "a proof of what runs.",
    "output": "What may leave.",
    "output.keyDelta": "The delta a question with undeclared keys may spend.",
    "output.minUnitsPerKey": "A key of fewer units probably does not show.",
    "output.maxRows": "Most rows of an answer; more declared keys are refused, more found keys are cut after the noise.",
    "output.nonNegative": "`display`: counts and sums that cannot be negative are shown as at least 0; the value before that is in the JSON.",
    "output.keepNoisyValue": NOT_YET + "the unclamped noisy value is always kept and shown in the JSON.",
    "output.releaseFloor": NOT_YET + "the earliest an answer leaves.",
    "joins": "Joins beyond the contract.",
    "joins.external": "Private tables of two contracts are never joined in this version.",
    "budget": "Limits. Every number is an epsilon in the same sense, converted to rho once, rounded down.",
    "budget.perPeriod": "What everybody together may spend in a calendar period (UTC).",
    "budget.perPeriod.period": "Year, quarter or month.",
    "budget.perPurpose": "What each purpose may spend in a period.",
    "budget.perPurpose.NAME": "A purpose.",
    "budget.perAnalyst": "What one analyst may spend in a period.",
    "budget.perQuery": "What one question may cost.",
    "budget.perQuery.max": "At most.",
    "budget.perQuery.default": "If the asker says nothing.",
    "budget.perQuery.default.gate": "The scale of a price where the asker names none: `rho` (the default: many questions) or "
    "`basic` (few large ones, Laplace noise).",
    "*.epsilon": "The limit.",
    "retention": "How long things stay.",
    "retention.rows": NOT_YET + "rows older than `keep` by `field` leave.",
    "retention.rows.field": "A date or timestamp that lands.",
    "retention.rows.keep": "A duration.",
    "retention.audit": NOT_YET + "how long the audit log stays.",
    "retention.releases": NOT_YET + "how long kept answers stay.",
    "approvals": "Who must agree to a change; every role must be held by somebody in the team.",
    "approvals.loosening": NOT_YET + "roles for a change that allows more.",
    "approvals.tightening": NOT_YET + "roles for a change that allows less.",
    "dpia": "The impact assessment that covers the contract.",
    "dpia.id": "Its name.",
    "dpia.reviewBy": "When it must be looked at again.",
}

POPULATION = {
    "population": "Its name for ever: the ledger's key. Contracts, versions and copies share one account.",
    "population.id": "A URN.",
    "population.version": "A number.",
    "units": "Who is protected. One unit in this version.",
    "units.name": "The word for it, such as household.",
    "units.key": "The column that names it.",
    "neighbouring": "The guarantee compares the data with and without everything about one unit.",
    "lifetime": "What all answers together may ever cost.",
    "lifetime.epsilon": "The limit, at the conversion delta.",
    "delta": "The chances left open.",
    "delta.conversion": "The delta of every epsilon that is shown; reserved once for the population.",
    "delta.keys": "What all questions with undeclared keys may spend together.",
    "delta.basic": "For the second gate (basic composition), beside the epsilons it adds up: what Gaussian answers need to have a price there. 0 where absent: then only Laplace noise has one.",
    "blocks": "`none`. " + NOT_YET + "accounts of their own for units that arrive in one quarter.",
    "approvals": "Who must agree to a change.",
    "approvals.change": "Roles, held by somebody in the team of every contract.",
}

CHARTER = {
    "charter": "Who promises.",
    "charter.name": "A title.",
    "charter.version": "A version.",
    "charter.owner": "Who answers for it.",
    "charter.reviewBy": "When it must be looked at again.",
    "articles": "The promises.",
    "articles.id": "Its number; `jali check` names it.",
    "articles.says": "In plain words.",
    "articles.require": "A measure and its `atMost` or `atLeast`; the list of measures is in [write a contract](../how-to/write-a-contract.md).",
    "articles.forbid": "Purposes that no contract may have.",
}

SETTINGS = {
    "name": "The name of the house; it also names the audit log.",
    "contracts": "Folder of the contracts; default `contracts`.",
    "populations": "Folder of the population files; default `populations`.",
    "charter": "The charter; default `charter.yaml`.",
    "store": "The protected store; default `store`.",
    "vault": "Keys; default `vault`. Mode 700.",
    "ledger": "The ledger; default `ledger.db`. A file; other addresses need a ledger plug-in.",
    "audit": "The published audit log; default `audit`.",
    "consent": "The consent feed; default `consent/feed.json`.",
    "users": "Who may ask: `[users.ana]`.",
    "users.NAME": "A user.",
    "users.NAME.roles": "Roles of the user.",
    "sources": "Where tables are loaded from: `[sources.visits]`.",
    "sources.NAME": "A table.",
    "sources.NAME.uri": "A file, folder or pattern of Parquet or CSV files.",
    "plugins": "Which parts may be loaded, by group.",
    "plugins.engines": "Allowed engines.",
    "plugins.trust": "Allowed trust back ends.",
    "plugins.ledgers": "Allowed ledgers.",
    "plugins.sources": "Allowed sources.",
    "plugins.mechanisms": "Allowed mechanisms of other packages.",
    "plugins.identity": "Allowed identity providers.",
}

MEANINGS = {
    "column": COLUMN,
    "table": TABLE,
    "contract": CONTRACT,
    "population": POPULATION,
    "charter": CHARTER,
    "settings": SETTINGS,
}


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """One line of the table of functions: `names` are the functions of the code it covers."""

    names: tuple[str, ...]
    written: str
    gives: str
    notes: str = ""


FUNCTION_ROWS = (
    FunctionRow(("add", "real_add"), "`a + b`", "number", "exact; double if one side is a double"),
    FunctionRow(("sub", "real_sub"), "`a - b`", "number", "as above"),
    FunctionRow(
        ("mul", "real_mul"), "`a * b`", "number", "as above; refused where the product could leave 126 bits"
    ),
    FunctionRow(("neg", "real_neg"), "`-a`", "number"),
    FunctionRow(
        ("divide",), "`a / b`", "double", "NULL where b is 0; a double divisor must stay away from 0"
    ),
    FunctionRow(("int_div",), "`a // b`", "whole number", "towards zero; NULL where b is 0"),
    FunctionRow(("mod",), "`a % b`", "number", "sign of a; NULL where b is 0"),
    FunctionRow(("abs", "real_abs"), "`ABS(x)`", "number"),
    FunctionRow(("floor", "real_floor"), "`FLOOR(x)`", "whole number"),
    FunctionRow(("ceil", "real_ceil"), "`CEIL(x)`", "whole number"),
    FunctionRow(
        ("round", "real_round"),
        "`ROUND(x)`, `ROUND(x, 2)`",
        "number",
        "half away from zero; 0 to 9 decimals, and -1 to -9 of an exact number; also `CAST(x AS BIGINT)`",
    ),
    FunctionRow(("sqrt",), "`SQRT(x)`", "double", "NULL below 0"),
    FunctionRow(
        ("ln",), "`LN(x)`", "double", "NULL at or below 0; bounded where x is, a double x away from 0"
    ),
    FunctionRow(("log10", "log2"), "`LOG10(x)`, `LOG(x)`, `LOG2(x)`", "double", "as above"),
    FunctionRow(("exp",), "`EXP(x)`", "double", "x must be known to be at most 690: `EXP(LEAST(x, 10))`"),
    FunctionRow(
        (), "`POWER(x, 2)`, `x ^ 2`, `x ** 2`", "number", "constant whole exponents from 0 to 8; exact"
    ),
    FunctionRow((), "`SIGN(x)`, `TRUNC(x)`", "whole number", "TRUNC cuts towards zero"),
    FunctionRow((), "`MOD(a, b)`", "number", "as `a % b`"),
    FunctionRow(
        (),
        "`WIDTH_BUCKET(x, 0, 100, 10)`",
        "whole number",
        "bins of equal width, 0 below and 11 at or above the end; constants; as a key it has all its bins",
    ),
    FunctionRow(("least",), "`LEAST(a, b, ...)`", "as the arguments", "numbers or dates; skips NULL"),
    FunctionRow(
        ("greatest",),
        "`GREATEST(a, b, ...)`",
        "as the arguments",
        "as above; constants bound what is between them",
    ),
    FunctionRow(("coalesce",), "`COALESCE(a, b, ...)`, `IFNULL`", "as the arguments"),
    FunctionRow(("case",), "`CASE WHEN ... THEN ... ELSE ... END`, `IF`, `IIF`, `NULLIF`", "as the branches"),
    FunctionRow(
        ("eq", "ne", "lt", "le", "gt", "ge"),
        "`=` `<>` `<` `<=` `>` `>=`, `BETWEEN`, `BETWEEN SYMMETRIC`, `IS [NOT] DISTINCT FROM`",
        "truth",
        "both sides of one type; text beside a date is read as a date",
    ),
    FunctionRow(("and",), "`a AND b`", "truth"),
    FunctionRow(("or",), "`a OR b`", "truth"),
    FunctionRow(("not",), "`NOT a`", "truth"),
    FunctionRow(("in",), "`x IN (1, 2, 3)`", "truth", "constants only"),
    FunctionRow(("is_null",), "`x IS NULL`, `x IS NOT NULL`, `x IS TRUE`", "truth"),
    FunctionRow(
        ("like",),
        "`x LIKE 'abc%'`",
        "truth",
        "a constant pattern of at most 200 characters and 8 `%`; `ESCAPE '!'` takes one sign",
    ),
    FunctionRow(("ilike",), "`x ILIKE 'abc%'`", "truth", "as above, without case"),
    FunctionRow(
        ("extract",), "`EXTRACT(month FROM d)`, `YEAR(d)`, `MONTH(d)`, `DAY(d)`, `HOUR(d)`...", "whole number"
    ),
    FunctionRow(
        (),
        "`MONTHNAME(d)`, `DAYNAME(d)`",
        "text",
        "English names; as a key all 12, or all 7, are declared",
    ),
    FunctionRow(
        ("day_number",),
        "`DATE_DIFF('month', a, b)`, `b - a` of two dates",
        "whole number",
        "boundaries of days, months, quarters or years from a to b; `week` counts spans of 7 days; bounded where both dates are",
    ),
    FunctionRow(
        ("shift",),
        "`d + INTERVAL 1 MONTH`, `t - INTERVAL '36 hours'`, `DATE_ADD(d, INTERVAL 3 DAY)`, `DATE_SUB`, `d + 7`",
        "timestamp; `d + 7` a date",
        "constants up to a thousand years; the day is cut to the last of the month; NULL outside the years 1 to 9999",
    ),
    FunctionRow(("last_day",), "`LAST_DAY(d)`", "date"),
    FunctionRow(
        ("bucket",),
        "`TIME_BUCKET(INTERVAL 7 DAY, d)`, `DATE_BIN`",
        "as d",
        "constant widths, from Monday 2000-01-03 or a constant origin, months from 2000-01-01; as keys of dates kept "
        "between two, all spans are declared",
    ),
    FunctionRow(("truncate",), "`DATE_TRUNC('month', d)`", "date or timestamp"),
    FunctionRow(("to_date",), "`CAST(t AS DATE)`", "date"),
    FunctionRow(("to_timestamp",), "`CAST(d AS TIMESTAMP)`", "timestamp"),
    FunctionRow(("to_real",), "`CAST(x AS DOUBLE)`", "double"),
    FunctionRow(("lower",), "`LOWER(s)`", "text"),
    FunctionRow(("upper",), "`UPPER(s)`", "text"),
    FunctionRow(
        ("trim", "ltrim", "rtrim"), "`TRIM(s)`, `LTRIM(s)`, `RTRIM(s)`", "text", "spaces at both ends, or one"
    ),
    FunctionRow((), "`STARTS_WITH(s, 'abc')`", "truth", "a constant of at most 200 characters"),
    FunctionRow(("contains",), "`CONTAINS(s, 'abc')`", "truth", "as above"),
    FunctionRow(
        ("concat",),
        "`a || b`, `CONCAT(a, b, ...)`",
        "text",
        "texts and whole numbers; at most 8,448 characters, each column with its `maxLength`: `LEFT(s, 100)` shortens one; CONCAT skips NULL",
    ),
    FunctionRow(
        ("replace",),
        "`REPLACE(s, '-', ' ')`",
        "text",
        "constants; from left to right; the longest result is bounded as that of `||`",
    ),
    FunctionRow(
        ("split_part",),
        "`SPLIT_PART(s, '-', 1)`",
        "text",
        "constants; counts from 1; empty beyond the last piece",
    ),
    FunctionRow(
        ("to_text",),
        "`CAST(n AS TEXT)`",
        "text",
        "the digits of a whole number; `||` and CONCAT do it themselves",
    ),
    FunctionRow(
        ("length",),
        "`LENGTH(s)`",
        "whole number",
        "characters; bounded by the `maxLength` of the columns in s",
    ),
    FunctionRow(("left",), "`LEFT(s, 3)`", "text", "a constant count"),
    FunctionRow(("substring",), "`SUBSTR(s, 1, 3)`", "text", "constants; counts from 1"),
)

INNER_FUNCTIONS = ("clamp", "rescale", "real_nearest")
"""Functions the translation adds by itself: clamping to declared bounds, one grid for two numbers, doubles to a grid."""
