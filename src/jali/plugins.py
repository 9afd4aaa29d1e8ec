"""Finds plug-ins by entry point; only the names a house allows are loaded."""

from importlib.metadata import entry_points

from jali.model.codes import BackendMissing


def load(group: str, name: str, allowed: frozenset[str]) -> object:
    """Return the object registered as `name` in entry-point `group`.

    Raises:
        BackendMissing: if the house does not allow the name, or nothing of that name is installed.
    """
    if name not in allowed:
        raise BackendMissing(
            f"plug-in {name} of {group} is not allowed here", hint=f"allowed: {sorted(allowed)}"
        )
    for point in entry_points(group=group):
        if point.name == name:
            return point.load()
    raise BackendMissing(
        f"plug-in {name} of {group} is not installed", hint="install the extra that brings it"
    )
