"""A revision as a file, and back."""

from __future__ import annotations

import gzip

import pytest

from explorer.collections.coding import decoded, encoded
from explorer.collections.records import Collection, Item, Traits
from explorer.pictures.records import Refused

ITEM = Item(
    7,
    "고양이 🐈.jpg",
    1,
    40,
    30,
    "validation",
    -1,
    Traits("ab" * 32, "0f" * 32, "JPEG", "Nikon D90", (1, 2, 3), True),
)
WHOLE = Collection(
    "0123456789abcdef",
    3,
    "Pets",
    "me",
    ("dog", "고양이"),
    (ITEM,),
    (Refused("bad\udce9.jpg", "It is damaged."),),
    ("Something.",),
    True,
    12.5,
    4,
    1.25,
    8,
)


def test_it_comes_back_whole() -> None:
    """Every field, in any script, also names that no encoding knows."""
    assert decoded(encoded(WHOLE)) == WHOLE
    assert encoded(WHOLE) == encoded(WHOLE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no",
        gzip.compress(b"no", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(b"{}", mtime=0),
        encoded(WHOLE)[:-20],
        gzip.compress(gzip.decompress(encoded(WHOLE)).replace(b"[7,", b"["), mtime=0),
    ],
)
def test_anything_else_is_a_value_error(data: bytes) -> None:
    """A file that was cut off, or is another one."""
    with pytest.raises(ValueError, match="no revision of a collection"):
        decoded(data)


def test_pictures_are_found_by_their_number() -> None:
    """Numbers rise, with gaps where pictures were removed."""
    assert WHOLE.item(7) == ITEM
    assert [WHOLE.item(id) for id in (-1, 0, 6, 8)] == [None] * 4
    assert WHOLE.counts() == WHOLE.counts("validation") == (0, 1)
    assert WHOLE.counts("train") == (0, 0)
    assert WHOLE.key == "collection:0123456789abcdef.3"
