"""Patterns of LIKE as parts between their %: what every engine and Python match by."""

from jali.model.codes import WrongType

Part = tuple[str | None, ...]
"""Characters that stand one behind the other; None is any one character."""

MOST_WILDCARDS = 8
MOST_PATTERN = 200


def parts_of(pattern: str, escape: str = "") -> tuple[Part, ...]:
    """Return the parts between the % of a pattern; the character behind `escape` stands for itself.

    Raises:
        WrongType: if the pattern ends with the escape character.

    Example:
        >>> parts_of("a_%!%", "!")
        (('a', None), ('%',))
    """
    parts: list[list[str | None]] = [[]]
    characters = iter(pattern)
    for one in characters:
        if one == escape:
            behind = next(characters, None)
            if behind is None:
                raise WrongType("the pattern ends with its ESCAPE character", hint="write it twice")
            parts[-1].append(behind)
        elif one == "%":
            parts.append([])
        else:
            parts[-1].append(None if one == "_" else one)
    return tuple(tuple(part) for part in parts)


def plain(parts: tuple[Part, ...]) -> str | None:
    """Return a pattern without ESCAPE that means the same; None where % or _ stand for themselves."""
    if any(c in {"%", "_"} for part in parts for c in part):
        return None
    return "%".join("".join("_" if c is None else c for c in part) for part in parts)
