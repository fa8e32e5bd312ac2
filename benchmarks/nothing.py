"""A call that does nothing, for benchmarks/serving.py: what is left is the way there and back."""

from explorer.engine.library import Call


def nothing() -> None:
    """Be called."""


CALLS = {"benchmark.nothing": Call("benchmarks.nothing:nothing", "meta")}
