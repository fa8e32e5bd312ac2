"""A canvas on which shapes look round, furry or polished, under one light from the upper left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter

SIDE, FINE = 256, 2
"""Pixels of a picture's side (eight for each of CIFAR-10's 32), and how much finer it is drawn."""
WHOLE = SIDE * FINE
LIGHT = np.array([-0.42, -0.72, 0.55])
LIGHT /= np.linalg.norm(LIGHT)

Points = Sequence[tuple[float, float]]
Colour = tuple[int, int, int]
Mask = npt.NDArray[np.float32]

PUPIL = (16, 12, 10)


class Scene:
    """One picture in the making; places are in a square from (0, 0) at its top left to (1, 1)."""

    def __init__(self, seed: int, *stops: tuple[float, Colour]) -> None:
        self.rng = np.random.default_rng(seed)
        rows = np.linspace(0, 1, WHOLE)
        heights = [each[0] for each in stops]
        channels = [np.interp(rows, heights, [each[1][i] for each in stops]) for i in range(3)]
        column = np.stack(channels, axis=-1)[:, None]
        self.rgb = np.repeat(column, WHOLE, axis=1).astype(np.float32)

    def mottle(
        self, top: float, bottom: float, amount: float, grain: tuple[float, float] = (2, 2)
    ) -> None:
        """Make a band of the picture uneven: grass, water, bark. `grain` is across and down."""
        rows = slice(round(top * WHOLE), round(bottom * WHOLE))
        self.rgb[rows] *= 1 + amount * self.noise(grain)[rows, :, None]

    def clouds(
        self, count: int, top: float, bottom: float, colour: Colour = (250, 250, 252)
    ) -> None:
        """Put soft heaps of white into the sky."""
        mask = Image.new("L", (WHOLE, WHOLE))
        pen = ImageDraw.Draw(mask)
        for _ in range(count):
            x, y = self.rng.uniform(0, 1), self.rng.uniform(top, bottom)
            for _ in range(9):
                dx, dy = self.rng.normal(0, 0.09), abs(self.rng.normal(0, 0.02))
                radius = self.rng.uniform(0.02, 0.06)
                pen.ellipse(_box(x + dx, y - dy, radius * 1.5, radius), fill=200)
        self._lay(_floats(mask.filter(ImageFilter.GaussianBlur(0.03 * WHOLE))), colour)

    def scatter(
        self, count: int, top: float, bottom: float, size: float, colours: Sequence[Colour],
        tall: float = 1.0,
    ) -> None:  # fmt: skip
        """Strew blobs over a band: leaves, stones, distant trees."""
        image = Image.fromarray(self.rgb.clip(0, 255).astype(np.uint8))
        pen = ImageDraw.Draw(image)
        for _ in range(count):
            x, y = self.rng.uniform(-0.05, 1.05), self.rng.uniform(top, bottom)
            colour = np.array(colours[self.rng.integers(len(colours))]) * self.rng.uniform(0.8, 1.2)
            radius = size * self.rng.uniform(0.5, 1.4)
            fill = tuple(int(each) for each in colour.clip(0, 255))
            pen.ellipse(_box(x, y, radius, radius * tall), fill=fill)
        self.rgb = np.asarray(image, np.float32).copy()

    def soften(self, radius: float) -> None:
        """Put all that is there so far out of focus; `radius` is a share of the side."""
        image = Image.fromarray(self.rgb.clip(0, 255).astype(np.uint8))
        blurred = image.filter(ImageFilter.GaussianBlur(radius * WHOLE))
        self.rgb = np.asarray(blurred, np.float32).copy()

    def blob(self, points: Points, colour: Colour | tuple[Colour, Colour], **how: float) -> None:
        """A smooth closed outline through all points, painted as `paint` does."""
        self.paint(polygon(curve([*points, *points[:3]])[60:-60]), colour, **how)

    def flat(self, points: Points, colour: Colour | tuple[Colour, Colour], **how: float) -> None:
        """A shape with corners, painted as `paint` does, by itself without roundness."""
        self.paint(polygon(np.array(points)), colour, **{"round_": 0.0} | how)

    def oval(
        self, x: float, y: float, across: float, down: float,
        colour: Colour | tuple[Colour, Colour], turn: float = 0.0, **how: float,
    ) -> None:  # fmt: skip
        """An ellipse around (x, y) with these radii, turned clockwise by degrees."""
        t, a = np.linspace(0, 2 * np.pi, 90, endpoint=False), np.deg2rad(turn)
        u, v = across * np.cos(t), down * np.sin(t)
        outline = np.stack(
            [x + u * np.cos(a) - v * np.sin(a), y + u * np.sin(a) + v * np.cos(a)], axis=-1
        )
        self.paint(polygon(outline), colour, **how)

    def limb(
        self, points: Points, widths: Sequence[float], colour: Colour | tuple[Colour, Colour],
        **how: float,
    ) -> None:  # fmt: skip
        """A stroke along a smooth line whose thickness changes: a leg, a neck, a branch."""
        line = curve(points)
        thick = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths)
        mask = Image.new("L", (WHOLE, WHOLE))
        pen = ImageDraw.Draw(mask)
        for (x, y), width in zip(line, thick, strict=True):
            pen.ellipse(_box(x, y, width / 2, width / 2), fill=255)
        self.paint(_floats(mask), colour, **how)

    def shade(self, x: float, y: float, across: float, down: float, strength: float = 0.5) -> None:
        """A soft shadow on the ground."""
        mask = Image.new("L", (WHOLE, WHOLE))
        ImageDraw.Draw(mask).ellipse(_box(x, y, across, down), fill=255)
        soft = _floats(mask.filter(ImageFilter.GaussianBlur(0.45 * down * WHOLE)))
        self.rgb *= 1 - strength * soft[..., None]

    def paint(
        self, mask: Mask, colour: Colour | tuple[Colour, Colour], *, round_: float = 1.0,
        fur: float = 0.0, shine: float = 0.0, cover: float = 1.0, bright: float = 1.0,
    ) -> None:  # fmt: skip
        """Paint a mask as a body: `round_` swells it, `fur` roughens it, `shine` polishes it.

        Of two colours the first is at its top and the second at its bottom.
        """
        ground = self._ground(mask, colour)
        light = np.full((WHOLE, WHOLE), bright, np.float32)
        if round_ > 0:
            lit = _lit(mask, round_)
            light *= 0.42 + 0.82 * lit
            ground = ground + 255 * shine * (lit.clip(0, 1) ** 14)[..., None]
        if fur > 0:
            light *= 1 + fur * self.noise((1.2, 2.6))
        self._lay(mask * np.float32(cover), ground * light[..., None])

    def noise(self, grain: tuple[float, float]) -> Mask:
        """Unevenness of standard deviation 1, whose grains are so many pixels across and down."""
        values = self.rng.normal(0, 1, (WHOLE, WHOLE)).astype(np.float32)
        image = Image.fromarray(values).resize(
            (max(2, round(WHOLE / grain[0])), max(2, round(WHOLE / grain[1]))), Image.Resampling.BOX
        )
        found = np.asarray(image.resize((WHOLE, WHOLE), Image.Resampling.BICUBIC))
        spread: Mask = found / found.std()
        return spread

    def picture(self, grain: float = 2.5) -> Image.Image:
        """Return the picture as a camera would: edges a little soft, with noise and dim corners."""
        y, x = np.mgrid[-1 : 1 : WHOLE * 1j, -1 : 1 : WHOLE * 1j]
        dim = 1 - 0.10 * (x**2 + y**2)
        values = (self.rgb * dim[..., None]).clip(0, 255).astype(np.uint8)
        image = Image.fromarray(values).filter(ImageFilter.GaussianBlur(0.7))
        small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS), np.float32)
        noisy = small + grain * self.rng.normal(0, 1, small.shape)
        return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))

    def _lay(self, mask: Mask, colour: Colour | npt.NDArray[np.float32]) -> None:
        share = mask[..., None]
        self.rgb = self.rgb * (1 - share) + np.asarray(colour, np.float32) * share

    def _ground(self, mask: Mask, colour: Colour | tuple[Colour, Colour]) -> Mask:
        told = np.array(colour, np.float32)
        if told.ndim == 1:
            return np.broadcast_to(told, (WHOLE, WHOLE, 3))
        rows = np.flatnonzero(mask.max(axis=1) > 0.5)
        if not len(rows):
            return np.broadcast_to(told[0], (WHOLE, WHOLE, 3))
        place = ((np.arange(WHOLE) - rows[0]) / max(1, len(rows))).clip(0, 1)[:, None, None]
        mixed: Mask = (told[0] * (1 - place) + told[1] * place).astype(np.float32)
        return np.broadcast_to(mixed, (WHOLE, WHOLE, 3))


def curve(points: Points, steps: int = 60) -> npt.NDArray[np.float64]:
    """Return a smooth line (N, 2) through all points (Catmull and Rom, 1974)."""
    p = np.array([points[0], *points, points[-1]])
    t = np.linspace(0, 1, steps)[:, None]
    pieces = [
        0.5
        * (
            2 * p[i]
            + (p[i + 1] - p[i - 1]) * t
            + (2 * p[i - 1] - 5 * p[i] + 4 * p[i + 1] - p[i + 2]) * t**2
            + (3 * p[i] - p[i - 1] - 3 * p[i + 1] + p[i + 2]) * t**3
        )
        for i in range(1, len(p) - 2)
    ]
    return np.concatenate(pieces)


def polygon(points: npt.NDArray[np.float64]) -> Mask:
    """Return what an outline encloses."""
    mask = Image.new("L", (WHOLE, WHOLE))
    ImageDraw.Draw(mask).polygon([(x * WHOLE, y * WHOLE) for x, y in points], fill=255)
    return _floats(mask)


def eye(
    s: Scene, x: float, y: float, radius: float, iris: Colour = (60, 36, 20), slit: bool = False
) -> None:
    """An eye with its light; `slit` gives it a cat's pupil."""
    s.oval(x, y, radius, radius * 0.92, iris, round_=0.6)
    s.oval(
        x, y, radius * (0.32 if slit else 0.62), radius * (0.8 if slit else 0.62), PUPIL, round_=0
    )
    s.oval(
        x - radius * 0.3, y - radius * 0.35, radius * 0.22, radius * 0.22, (255, 255, 255), round_=0
    )


def mirrored(points: Points, middle: float = 0.5) -> list[tuple[float, float]]:
    """Return the same points on the other side of an upright line."""
    return [(2 * middle - x, y) for x, y in points]


def _lit(mask: Mask, round_: float) -> Mask:
    """How much light falls on a mask that swells like a cushion, 0 to 1."""
    swell = np.zeros_like(mask)
    for radius, weight in ((0.012, 0.5), (0.03, 1.3), (0.07, 2.6)):
        # In floating point: steps of eight bits would show as contour lines.
        swell += np.float32(weight) * gaussian_filter(mask, radius * WHOLE, truncate=3)
    down, across = np.gradient(swell * np.float32(round_ * 0.055 * WHOLE))
    normal = np.stack([-across, -down, np.ones_like(across)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    lit: Mask = (normal @ LIGHT).clip(0, 1).astype(np.float32)
    return lit


def _box(x: float, y: float, across: float, down: float) -> tuple[float, float, float, float]:
    return tuple(WHOLE * each for each in (x - across, y - down, x + across, y + down))


def _floats(image: Image.Image) -> Mask:
    return np.asarray(image, np.float32) / np.float32(255)
