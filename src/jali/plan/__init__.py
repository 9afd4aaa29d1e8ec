"""From a cleared query to a private plan: bounds, keys, mechanisms, price, forecast, explanation."""
