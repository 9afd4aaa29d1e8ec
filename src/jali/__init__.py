"""Jali answers SQL questions of personal data with a provable privacy guarantee.

Example (with a house):
    house = jali.open("demo")
    ask = house.session(analyst="ana", purpose="assortment")
    ask.query("SELECT COUNT(*) AS n FROM transactions").to_json()
"""

from pathlib import Path
from typing import TYPE_CHECKING

from jali.model.errors import JaliError

if TYPE_CHECKING:
    from jali.serve.python import House

__all__ = ["JaliError", "open"]


def open(folder: "str | Path") -> "House":  # noqa: A001  # jali.open, as the interface says
    """Return the house in a folder; close it, or use it in a `with` statement.

    Raises:
        JaliError: J801, J901, J70x: there is no house, or it cannot be used.
    """
    from jali.serve.python import open_folder

    return open_folder(folder)
