"""What an edit does to near-duplicates; the edits themselves are tested with the store."""

from __future__ import annotations

from explorer.collections import changes
from explorer.collections.intake import accept_zip
from tests.collections.painted import encoded, files, image, zipped


def test_the_last_of_a_group_is_no_copy_any_more() -> None:
    """Once the other one is removed, nothing is said of it."""
    contents = files({"a": 6, "b": 6})
    contents["b/copy.jpg"] = encoded(image(8), "JPEG", quality=90)
    made = accept_zip(zipped(contents), "x.zip")
    pair = [item for item in made.items if item.twins >= 0]
    assert {item.name for item in pair} == {"002.png", "copy.jpg"}
    assert "2 pictures are near-duplicates" in made.warnings[0]
    left = changes.without(made, frozenset({pair[1].id}))
    assert [item.twins for item in left.items] == [-1] * 12
    assert left.warnings == ()


def test_moving_a_picture_of_a_group_is_told() -> None:
    """Its near-duplicate stays in the other class, and both stay on one side."""
    contents = files({"a": 6, "b": 6})
    contents["b/copy.jpg"] = encoded(image(8), "JPEG", quality=90)
    made = accept_zip(zipped(contents), "x.zip")
    first = next(item for item in made.items if item.twins >= 0)
    moved = changes.relabelled(made, frozenset({first.id}), 0)
    assert "look nearly the same" in moved.warnings[0]
    assert len({item.part for item in moved.items if item.twins >= 0}) == 1
