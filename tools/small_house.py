"""A small shop of invented data under the contract of the tutorial: what examples in the docs are run on.

The data are a fixed pattern, not random and not about anybody: 600 customers, 12 months, 40 products.
"""

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

from jali.keys.vault import Vault
from jali.policy.consent import renew
from jali.policy.house import load_policies
from jali.policy.settings import load_settings
from jali.serve.building import load, make_house

CUSTOMERS = 600
PRODUCTS = 40
REGIONS = ("north", "south", "east", "west")
TOWNS = ("Aldham", "Burley", "Corton", "Dunwich", "Elmham", "Farley")
CATEGORIES = ("bakery", "dairy", "fruit", "household")
CONTRACT = Path(__file__).parent.parent / "docs" / "examples" / "shop.odcs.yaml"
SOURCE = "the paper forms in the office"


def write_data(folder: Path) -> None:
    """Write visits.csv and products.csv."""
    with (folder / "products.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["product_id", "category"])
        writer.writerows([n, CATEGORIES[n % len(CATEGORIES)]] for n in range(1, PRODUCTS + 1))
    with (folder / "visits.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["customer_id", "region", "town", "product_id", "bought_on", "paid"])
        writer.writerows(
            _visit(customer, k) for customer in range(CUSTOMERS) for k in range(5 + customer % 25)
        )


def _visit(customer: int, k: int) -> list[object]:
    product = (customer * 7 + k * 3) % PRODUCTS + 1
    month, day = (customer + k) % 12 + 1, (customer * k) % 28 + 1
    cents = 120 + (customer * 37 + k * 211) % 2200
    region = REGIONS[customer % len(REGIONS)]
    return [
        10_000 + customer,
        region,
        TOWNS[customer % len(TOWNS)],
        product,
        f"2026-{month:02d}-{day:02d}",
        f"{cents / 100:.2f}",
    ]


def make_shop(folder: Path, *, has_data: bool = True) -> Path:
    """Make the house `folder`/shop, with visits.csv and products.csv beside it; load both unless told otherwise."""
    write_data(folder)
    house = folder / "shop"
    make_house(house, "starter", "shop", {"ana": ("analyst",)})
    shutil.copyfile(CONTRACT, house / "contracts" / "shop.odcs.yaml")
    settings = load_settings(house)
    renew(settings.consent, datetime.now(UTC), source=SOURCE)
    if has_data:
        policies, vault = load_policies(settings), Vault.open(settings.vault)
        for table in ("products", "visits"):
            load(policies, vault, table, str(folder / f"{table}.csv"))
    return house
