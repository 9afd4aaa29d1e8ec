"""From a cleared query to a private plan: bounds, keys, mechanisms, price, forecast, explanation."""

from jali.plan.build import build, repriced
from jali.plan.private import PrivatePlan

__all__ = ["PrivatePlan", "build", "repriced"]
