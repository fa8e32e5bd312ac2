"""Fingerprints decide which results are the same, and errors must survive the journey."""

from __future__ import annotations

import hashlib
import pickle
import tracemalloc
from dataclasses import dataclass

import pytest

from explorer.engine.protocol import fingerprint, refusal
from explorer.errors import BadRequest, EngineError


@dataclass(frozen=True)
class Design:
    """A plain record as an argument."""

    kernel: int


class Unpicklable(BadRequest):
    """An error whose constructor wants more than its message."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def test_equal_arguments_have_equal_fingerprints() -> None:
    """Neither the order of keywords nor the identity of strings matters."""
    name = "".join(["resnet", "50"])
    assert fingerprint((name,), {"size": 224, "batch": 1}) == fingerprint(
        ("resnet50",), {"batch": 1, "size": 224}
    )
    assert fingerprint((Design(3),), {}) == fingerprint((Design(3),), {})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1,), (True,)),
        ((1,), (1.0,)),
        (("1",), (1,)),
        ((None,), ("None",)),
        (((1, 2), 3), ((1,), 2, 3)),
        ((Design(3),), (Design(5),)),
        (({"a": 1},), ({"a": 2},)),
        ((b"1",), ("1",)),
        ((b"1",), (b"2",)),
        ((b"1",), (hashlib.sha256(b"1").digest(),)),
        ((b"1",), (str(hashlib.sha256(b"1").digest()),)),
        ((b"1", b""), (b"", b"1")),
    ],
)
def test_different_arguments_have_different_fingerprints(one: tuple, other: tuple) -> None:
    """Values that merely compare equal, or print alike, are not the same request."""
    assert fingerprint(one, {}) != fingerprint(other, {})


def test_bytes_are_hashed_not_written_out() -> None:
    """A picture of megabytes is not turned into text, which takes four times its size."""
    picture = bytes(range(256)) * 40_000
    tracemalloc.start()
    assert fingerprint((picture,), {}) == fingerprint((bytes(bytearray(picture)),), {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.5 * len(picture)  # the two copies made here


def test_other_objects_have_none() -> None:
    """What has no exact text is not remembered at all."""
    assert fingerprint((object(),), {}) is None


def test_refusals_can_always_be_opened() -> None:
    """An error that does not unpickle keeps its sentence and becomes an EngineError."""
    opened = pickle.loads(refusal(Unpicklable("no ", "good")).payload)
    assert type(opened) is EngineError
    assert str(opened) == "no good"
    assert type(pickle.loads(refusal(BadRequest("size 0")).payload)) is BadRequest
