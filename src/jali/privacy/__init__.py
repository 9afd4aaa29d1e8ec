"""The mathematics: mechanisms, prices, composition, key selection, accuracy. Knows no SQL."""
