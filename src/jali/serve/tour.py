"""The tour of the demo: what an analyst of a grocer would ask, and one sentence of why.

A stop is data; `jali.serve.demo` asks and prints, `tools/show_truth.py` compares with the truth.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """One question of the tour.

    Attributes:
        why: why somebody asks it.
        lesson: what its answer or refusal teaches, printed after it.
        epsilon: price asked for, as typed; empty for the default.
        analyst, purpose: who asks, for what.
    """

    title: str
    why: str
    sql: str
    lesson: str = ""
    epsilon: str = ""
    analyst: str = "ana"
    purpose: str = "assortment"


_SALES_BY_BRAND = (
    "SELECT p.brand, SUM(t.sales_value) AS sales FROM transactions t JOIN products p USING (product_id) "
    "GROUP BY p.brand"
)
_SALES_BY_DEPARTMENT = (
    "SELECT p.department, SUM(t.sales_value) AS sales FROM transactions t JOIN products p USING (product_id) "
    "GROUP BY p.department ORDER BY sales DESC LIMIT 10"
)

TOUR: tuple[Stop, ...] = (
    Stop(
        "Households per week",
        "How many households come each week? Staffing and deliveries follow this curve.",
        "SELECT week, COUNT(DISTINCT household_id) AS households FROM transactions GROUP BY week",
        "Week 1 of this data is a single day, so few households are in it.",
    ),
    Stop(
        "Sales by month",
        "Is the year on plan? The board looks at months.",
        "SELECT date_trunc('month', transaction_timestamp) AS month, SUM(sales_value) AS sales "
        "FROM transactions GROUP BY 1",
        "January 2018 is a few hours of a night: too little to be seen through the noise, and marked so.",
    ),
    Stop(
        "National against private brand",
        "How much of the sales do our own brands bring? The product table is public, so joining it is free of risk.",
        _SALES_BY_BRAND,
    ),
    Stop(
        "Sales by hour of day",
        "When are the tills busy?",
        "SELECT EXTRACT(hour FROM transaction_timestamp) AS hour, SUM(sales_value) AS sales "
        "FROM transactions GROUP BY 1",
    ),
    Stop(
        "Average sale by brand",
        "Are our own brands the cheaper ones on the receipt?",
        "SELECT p.brand, AVG(t.sales_value) AS average FROM transactions t JOIN products p USING (product_id) "
        "GROUP BY p.brand",
        "An average is much easier to protect than a total: it hardly depends on any one household.",
    ),
    Stop(
        "Baskets by week",
        "Do people come more often before the holidays, or only buy more?",
        "SELECT week, COUNT(DISTINCT basket_id) AS baskets FROM transactions GROUP BY week",
    ),
    Stop(
        "Households reached per department",
        "Which departments does nearly everybody visit, and which are for the few?",
        "SELECT p.department, COUNT(DISTINCT t.household_id) AS households FROM transactions t "
        "JOIN products p USING (product_id) GROUP BY p.department ORDER BY households DESC LIMIT 12",
    ),
    Stop(
        "Households by age band",
        "Who told the loyalty programme their age? Whoever reads the next answers should know.",
        "SELECT age, COUNT(*) AS households FROM demographics GROUP BY age",
        "This question is about few people and each counts once, so its noise is small.",
    ),
    Stop(
        "Stores, found privately",
        "Which stores have a following? The list of stores is not declared, so it is found with noise too.",
        "SELECT store_id, COUNT(DISTINCT household_id) AS households FROM transactions GROUP BY store_id "
        "ORDER BY households DESC LIMIT 10",
        "The stores are found, their numbers are too noisy: one household may visit up to 300 stores under this "
        "contract, and the noise must hide all its visits.",
    ),
    Stop(
        "Spend by age group, at a higher price",
        "Which age groups spend most? 801 households in six groups: worth paying for.",
        "SELECT age, SUM(sales_value) AS spend FROM transactions JOIN demographics USING (household_id) GROUP BY age",
        "Even so it shows the order of the large groups and no more.",
        epsilon="2",
    ),
    Stop(
        "A refusal",
        "May marketing have the same list of stores? They need consent for that, and nobody has given it yet.",
        "SELECT store_id, COUNT(DISTINCT household_id) AS households FROM transactions GROUP BY store_id",
        "A refusal costs nothing, names the rule that decided, and is logged.",
        analyst="mia",
        purpose="marketing",
    ),
    Stop(
        "A free repeat",
        "The third question again, word for word.",
        _SALES_BY_BRAND,
        "The answer was kept: the same numbers again reveal nothing new, so they cost nothing.",
    ),
    Stop(
        "A total, as accurate as wanted",
        "What did we sell in all? Here the accuracy is given and the price follows.",
        "SELECT SUM(sales_value) AS sales FROM transactions WITH ACCURACY 150000",
    ),
    Stop(
        "Sales by department: what is too noisy",
        "Which departments bring the money?",
        _SALES_BY_DEPARTMENT,
        "The large departments are clear, the small ones drown in the noise that hides any one household. "
        "Households above the bound count only up to it, so grocery, where they spend most, reads a little low.",
    ),
    Stop(
        "Sales by department: what a higher price buys",
        "The same at epsilon 2: half the noise for 3.6 times the price.",
        _SALES_BY_DEPARTMENT,
        "Paying more moves the line between seen and unseen; spend it where a decision hangs on it.",
        epsilon="2",
    ),
)
