-- an accuracy before a bound is found
--: house searching
SELECT COUNT(DISTINCT product_id) FROM transactions WITH ACCURACY 500
--- expected
[J316] maxDistinct is found privately, so an accuracy has no price before it is
Hint: ask with --epsilon first; the bound it finds is kept, and then an accuracy has a price