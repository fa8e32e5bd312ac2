"""Points and shapes that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.training.data import catalogue, generated

POINTS = [each.key for each in catalogue.data_sets() if each.points]


@pytest.mark.parametrize("key", POINTS)
def test_points_are_repeatable_and_balanced(key: str) -> None:
    """The same seed, the same points; another one, others; classes differ by one point at most."""
    places, labels = generated.points(key, 1500, 0)
    again, _ = generated.points(key, 1500, 0)
    other, _ = generated.points(key, 1500, 1)
    assert np.array_equal(places, again)
    assert not np.array_equal(places, other)
    assert (places.shape, places.dtype, labels.dtype) == ((1500, 2), np.float32, np.int64)
    counts = np.bincount(labels)
    assert len(counts) == len(catalogue.find(key).classes)
    assert counts.max() - counts.min() <= 1
    assert len(set(labels[:20])) == len(counts), "they come in random order"


def test_spirals_wind_one_and_a_half_times() -> None:
    """Turned back by 1.5 turns times the radius, each arm is a straight ray, 120 degrees apart."""
    places, labels = generated.points("spirals", 3000, 0)
    radius = np.hypot(*places.T)
    far = radius > 0.8
    angle = np.arctan2(places[:, 1], places[:, 0]) - 2 * np.pi * 1.5 * radius / 2
    for arm in range(3):
        turned = np.exp(1j * (angle[far & (labels == arm)] - 2 * np.pi * arm / 3))
        assert abs(np.angle(turned.mean())) < 0.02
        assert abs(turned.mean()) > 0.9


def test_rings_and_moons_are_told_apart_by_their_geometry() -> None:
    """The inner ring has half the outer one's radius; the upper moon lies higher."""
    places, labels = generated.points("circles", 2000, 0)
    radius = np.hypot(*places.T)
    assert radius[labels == 0].mean() == pytest.approx(1.0, abs=0.02)
    assert radius[labels == 1].mean() == pytest.approx(0.5, abs=0.02)
    moons, labels = generated.points("moons", 2000, 0)
    assert moons[labels == 0, 1].mean() > moons[labels == 1, 1].mean() + 0.5


def test_shapes_are_repeatable_and_balanced() -> None:
    """Uint8 pictures, six classes, as many of each."""
    pictures, labels = generated.shapes(120, 0)
    assert np.array_equal(pictures, generated.shapes(120, 0)[0])
    assert not np.array_equal(pictures, generated.shapes(120, 1)[0])
    assert (pictures.shape, pictures.dtype) == ((120, 3, 32, 32), np.uint8)
    assert np.bincount(labels).tolist() == [20] * 6


def test_shapes_have_the_area_of_their_outline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without noise, of size 10 in the middle, white on black: areas by hand."""
    monkeypatch.setattr(generated, "NOISE", 0.0)
    count = 6
    size = np.full((1, 1, 1), 10.0, np.float32)
    monkeypatch.setattr(generated, "_sizes", lambda rng, labels: [size] * count)
    black, white = np.zeros((count, 3, 1, 1)), np.full((count, 3, 1, 1), 255.0)
    monkeypatch.setattr(generated, "_colours", lambda rng, count: (black, white))
    pictures, labels = generated.shapes(count, 3)
    area = dict(zip(labels, pictures[:, 0].sum((1, 2)) / 255.0, strict=True))
    # 0.8 and 0.55 are half a side and an inradius; the crescent lacks a lens of two circles.
    assert area[0] == pytest.approx(np.pi * 100, rel=0.02)
    assert area[1] == pytest.approx(np.pi * (100 - 25), rel=0.02)
    assert area[2] == pytest.approx(16 * 16, rel=0.03)
    assert area[4] == pytest.approx(20 * 6 * 2 - 6 * 6, rel=0.03)
    assert area[3] == pytest.approx(triangle(), rel=0.04)
    assert area[5] == pytest.approx(np.pi * 100 - lens(10, 8, 5), rel=0.03)


def triangle() -> float:
    """Between y = 5.5 and two lines through sqrt(3/4) |x| - y / 2 = 5.5: an equilateral's half."""
    half_base = (5.5 + 5.5 / 2) / np.sqrt(0.75)
    height = 5.5 + 11.0
    return float(half_base * height)


def lens(first: float, second: float, apart: float) -> float:
    """Where two circles overlap (Weisstein, "Circle-Circle Intersection", MathWorld, eq. 14)."""
    one = (apart**2 + second**2 - first**2) / (2 * apart * second)
    two = (apart**2 + first**2 - second**2) / (2 * apart * first)
    corner = (
        (-apart + second + first)
        * (apart + second - first)
        * (apart - second + first)
        * (apart + second + first)
    )
    return float(second**2 * np.arccos(one) + first**2 * np.arccos(two) - 0.5 * np.sqrt(corner))


def test_shapes_stand_out_from_their_ground(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somewhere the picture differs from its corner by the promised contrast."""
    monkeypatch.setattr(generated, "NOISE", 0.0)
    pictures, _ = generated.shapes(300, 5)
    colours = pictures.transpose(0, 2, 3, 1).reshape(300, -1, 3).astype(float)
    apart = np.linalg.norm(colours - colours[:, :1], axis=2).max(1)
    assert apart.min() > generated.CONTRAST - 2
