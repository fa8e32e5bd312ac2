"""Which pictures look the same."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from explorer.collections.likeness import ALIKE, distance, hashed, twins
from explorer.collections.records import Traits
from tests.collections.painted import encoded, image


def traits(picture: Image.Image, digest: str) -> Traits:
    """Those that matter here."""
    return Traits(
        digest or str(picture.tobytes()[:64]), hashed(picture), "PNG", "", (0, 0, 0), False
    )


def saved(picture: Image.Image, quality: int) -> Image.Image:
    """A picture through a JPEG."""
    return Image.open(io.BytesIO(encoded(picture, "JPEG", quality=quality))).convert("RGB")


CHANGES = {
    "saved again": lambda one: saved(one, 50),
    "half as large": lambda one: one.resize((one.width // 2, one.height // 2)),
    "brighter": lambda one: ImageEnhance.Brightness(one).enhance(1.1),
    "grey": lambda one: one.convert("L").convert("RGB"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_copies_are_alike(change: str) -> None:
    """Of thirty pictures each finds its own copy, and no other."""
    originals = [image(number, (96, 80)) for number in range(30)]
    copies = [CHANGES[change](each) for each in originals]
    groups = twins([traits(each, str(n)) for n, each in enumerate([*originals, *copies])])
    assert groups[:30] == groups[30:] == tuple(range(30))


def test_photographs_and_their_copies(shared_data: Path) -> None:
    """Of thirty photographs none is like another, and each is like itself saved small."""
    photographs = []
    for path in sorted((shared_data / "photos").glob("*.JPEG")):
        with Image.open(path) as opened:
            photographs.append(opened.convert("RGB"))
    small = [saved(each.resize((each.width // 2, each.height // 2)), 60) for each in photographs]
    groups = twins([traits(each, str(n)) for n, each in enumerate([*photographs, *small])])
    assert groups == (*range(30), *range(30))


def test_the_distance_is_in_bits() -> None:
    """Hamming's: how many binary digits differ; 0xf0 and 0x0f in all eight."""
    assert distance("f0", "0f") == 8
    assert distance("00", "11") == 2
    assert ALIKE < 128


def test_blank_pictures_are_alike_only_if_equal() -> None:
    """Without edges there is nothing to hash: red and blue would be the same."""
    red, blue = Image.new("RGB", (9, 9), "red"), Image.new("RGB", (9, 9), "blue")
    assert hashed(red) == hashed(blue) == ""
    assert twins([traits(red, "r"), traits(blue, "b"), traits(red, "r")]) == (0, -1, 0)


def test_groups_are_chains() -> None:
    """Who is alike to one of a group belongs to it; single pictures have no number."""
    hashes = ["0" * 64, "f" * 10 + "0" * 54, "f" * 20 + "0" * 44, "0" * 32 + "f" * 32]
    assert [distance(hashes[0], each) for each in hashes] == [0, 40, 80, 128]
    made = [Traits(str(n), each, "", "", (0, 0, 0), False) for n, each in enumerate(hashes)]
    assert twins(made) == (0, 0, 0, -1)
