"""Draw the handwritten-looking digits of this folder: our own work, given away under CC0 1.0.

Run as `python assets/samples/draw_digits.py`. A digit is a few strokes of a round brush along
smooth curves, with a hand's wavering and pressure from a fixed seed, drawn large and scaled down
as MNIST's were: dark paper, light ink, the digit within the middle 20 of 28 parts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from drawn.brush import curve
from PIL import Image, ImageDraw, ImageFilter

FOLDER = Path(__file__).parent
SIDE, FINE = 280, 4
"""Pixels of a picture's side (ten for each of MNIST's 28), and how much finer it is drawn."""

# Strokes as points of a curve, in a square from (0, 0) at its top left to (1, 1).
DIGITS = {
    "3": [
        [
            (0.22, 0.17), (0.45, 0.05), (0.72, 0.13), (0.70, 0.34), (0.42, 0.47),
            (0.73, 0.55), (0.77, 0.80), (0.50, 0.96), (0.20, 0.86),
        ]
    ],
    "5": [
        [(0.76, 0.07), (0.52, 0.07), (0.33, 0.08)],
        [
            (0.33, 0.08), (0.29, 0.27), (0.26, 0.45), (0.50, 0.38), (0.75, 0.52),
            (0.74, 0.80), (0.48, 0.96), (0.20, 0.87),
        ],
    ],
    "8": [
        [
            (0.70, 0.18), (0.50, 0.05), (0.29, 0.16), (0.36, 0.39), (0.62, 0.56),
            (0.74, 0.78), (0.50, 0.96), (0.26, 0.80), (0.38, 0.57), (0.63, 0.38), (0.70, 0.18),
        ]
    ],
}  # fmt: skip


def draw(strokes: list[list[tuple[float, float]]], seed: int) -> Image.Image:
    """Return one digit, light on dark."""
    rng = np.random.default_rng(seed)
    side = SIDE * FINE
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    slant = rng.uniform(0.05, 0.15)
    for points in strokes:
        wavering = [(x + rng.normal(0, 0.012), y + rng.normal(0, 0.012)) for x, y in points]
        line = curve(wavering)
        pressure = 1 + 0.18 * np.sin(np.linspace(0, 3, len(line)) + rng.uniform(0, 3))
        for (x, y), width in zip(line, pressure, strict=True):
            left = (0.5 + (x - 0.5 + slant * (0.5 - y)) * 20 / 28) * side
            top = (0.5 + (y - 0.5) * 19 / 28) * side
            radius = 0.037 * side * width
            pen.ellipse((left - radius, top - radius, left + radius, top + radius), fill=245)
    soft = image.filter(ImageFilter.GaussianBlur(2 * FINE))
    return soft.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for seed, (digit, strokes) in enumerate(DIGITS.items()):
        draw(strokes, seed).save(FOLDER / f"digit_{digit}.png", optimize=True)
