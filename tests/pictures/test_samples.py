"""The gallery: every file credited, free for everybody, small and readable."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from explorer.errors import BadRequest
from explorer.pictures import samples
from explorer.pictures.pixels import pixels
from explorer.pictures.samples import SAMPLES
from explorer.vision import loading

PICTURES = sorted(
    path for path in samples.FOLDER.iterdir() if path.suffix in (".jpg", ".png", ".webp")
)


def credits() -> dict[str, list[str]]:
    """The rows of CREDITS.md: file -> title, author, source, licence."""
    rows = re.findall(r"^\| `(.+?)` \| (.+) \|$", (samples.FOLDER / "CREDITS.md").read_text(), re.M)
    return {file: rest.split(" | ") for file, rest in rows}


def test_every_file_is_credited_and_listed_once() -> None:
    """The folder, CREDITS.md and the gallery name the same files."""
    files = [path.name for path in PICTURES]
    assert len(files) >= 11
    assert sorted(credits()) == files
    assert sorted(sample.file for sample in SAMPLES) == files
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_every_file_is_free(sample: samples.Sample) -> None:
    """Public domain or CC0, with title, author and source; the gallery says the same."""
    title, author, source, licence = credits()[sample.file]
    assert licence in ("CC0 1.0", "Public domain")
    assert licence == sample.licence
    assert all((title, author, source))
    assert sample.credit in author or sample.credit == "drawn for ConvZoo"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_samples_pass_the_gate(sample: samples.Sample) -> None:
    """Without a remark, at most 640 pixels on the longest side, under their title."""
    picture = samples.accepted(sample.name)
    assert picture.name == sample.title
    assert picture.notes == ()
    assert min(picture.height, picture.width) >= 200
    assert max(picture.height, picture.width) <= 640
    assert pixels(picture).std() > 20, "there is something to see"


def test_the_gallery_is_small() -> None:
    """It travels with the repository: under 1.5 MB."""
    assert sum(path.stat().st_size for path in PICTURES) < 1_500_000


def test_they_carry_no_metadata() -> None:
    """Neither EXIF nor a profile nor a comment."""
    for path in PICTURES:
        with Image.open(path) as image:
            assert not image.getexif()
            assert not {"comment", "icc_profile", "xmp"} & set(image.info), path.name


def test_an_unknown_sample_names_the_known_ones() -> None:
    """One sentence, however long the name."""
    with pytest.raises(BadRequest, match="There is no sample picture 'dog'; there are chelsea, "):
        samples.find("dog")
    with pytest.raises(BadRequest) as caught:
        samples.accepted("x" * 5000)
    assert len(str(caught.value)) < 400


def script(name: str) -> ModuleType:
    """One of the scripts that draw, beside its pictures."""
    spec = importlib.util.spec_from_file_location(name, samples.FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    return drawing


def test_the_digits_are_what_the_script_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Light ink within the middle 20 of 28 parts, as in MNIST; the files are its output."""
    monkeypatch.syspath_prepend(str(samples.FOLDER))
    drawing = script("draw_digits")
    digits = [sample for sample in SAMPLES if sample.subject == "digit"]
    assert len(digits) == len(drawing.DIGITS) >= 2
    for seed, (digit, strokes) in enumerate(drawing.DIGITS.items()):
        drawn = np.asarray(drawing.draw(strokes, seed)).astype(int)
        stored = pixels(samples.accepted(f"digit_{digit}"))[..., 0]
        # Another Pillow may round a blur otherwise.
        assert np.abs(drawn - stored).max() <= 2
        lit = np.argwhere(stored > 30)
        assert lit.min() >= 25
        assert lit.max() <= 255
        assert stored.max() > 200
        assert stored[0].max() == 0


def test_each_of_the_ten_classes_is_shown_twice_or_thrice() -> None:
    """The names are CIFAR-10's own; a photograph counts where it shows one of them."""
    shown = Counter(sample.shows for sample in samples.of("class"))
    assert tuple(sorted(shown)) == loading.CIFAR10
    assert set(shown.values()) == {2, 3}
    assert shown["cat"] == 3, "Chelsea is one, and a photograph"


def test_the_classes_are_what_the_script_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file has its scene; one is drawn again, and differs by a JPEG's loss and the grain."""
    monkeypatch.syspath_prepend(str(samples.FOLDER))
    drawing = script("draw_classes")
    drawn = [sample.name for sample in SAMPLES if sample.subject == "class"]
    assert sorted(drawing.SCENES) == drawn
    again = np.asarray(drawing.SCENES["airplane_1"]().picture()).astype(int)
    assert np.abs(again - pixels(samples.accepted("airplane_1"))).mean() < 6
    assert np.abs(again - pixels(samples.accepted("airplane_2"))).mean() > 20


def test_what_suits_a_network_comes_first() -> None:
    """By what it reads: one channel digits, up to 64 pixels the ten classes, else photographs."""
    assert samples.suiting(1, 32) == "digit"
    assert samples.suiting(3, 24) == samples.suiting(3, 64) == "class"
    assert samples.suiting(3, 224) == "photograph"
    for subject in samples.SUBJECTS:
        groups = samples.groups(subject)
        assert next(iter(groups)) == subject
        assert samples.find(samples.FIRST[subject]) in groups[subject]
        listed = [sample for group in groups.values() for sample in group]
        assert sorted(each.name for each in listed) == sorted(each.name for each in SAMPLES)
    cat = samples.find("chelsea")
    assert cat in samples.groups("class")["class"]
    assert cat in samples.groups("digit")["photograph"]


def test_it_is_said_what_a_picture_shows() -> None:
    """A drawing says that it is one; of what is none of the ten classes nothing is said."""
    assert samples.find("deer_1").says == "Drawn by hand to show: deer."
    assert samples.find("chelsea").says == "It shows: cat."
    assert samples.find("coffee").says == samples.find("digit_3").says == ""
