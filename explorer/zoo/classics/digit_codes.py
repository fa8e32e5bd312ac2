"""The codes LeNet-5 compares its last hidden layer with: pictures of digits, 7 by 12 pixels.

The paper drew such pictures by hand (figure 3) because similar digits should have similar codes;
these are our own drawings.
"""

from __future__ import annotations

_DRAWINGS = """
..###.. ...#... ..###.. .#####. ....##.
.#...#. ..##... .#...#. #.....# ...#.#.
#.....# .#.#... #.....# ......# ..#..#.
#.....# ...#... ......# ......# ..#..#.
#.....# ...#... ......# .....#. .#...#.
#.....# ...#... .....#. ..###.. .#...#.
#.....# ...#... ....#.. .....#. #....#.
#.....# ...#... ...#... ......# #######
#.....# ...#... ..#.... ......# .....#.
#.....# ...#... .#..... ......# .....#.
.#...#. ...#... #...... #.....# .....#.
..###.. .#####. ####### .#####. .....#.

####### ...###. ####### ..###.. ..###..
#...... ..#.... ......# .#...#. .#...#.
#...... .#..... ......# #.....# #.....#
#...... #...... .....#. #.....# #.....#
#.####. #...... .....#. .#...#. #.....#
##....# #.###.. ....#.. ..###.. .#...##
......# ##...#. ....#.. .#...#. ..###.#
......# #.....# ...#... #.....# ......#
......# #.....# ...#... #.....# ......#
......# #.....# ..#.... #.....# .....#.
#....#. .#...#. ..#.... .#...#. ....#..
.####.. ..###.. ..#.... ..###.. .###...
"""


def _codes() -> tuple[tuple[float, ...], ...]:
    codes = []
    for block in _DRAWINGS.strip().split("\n\n"):
        rows = [line.split() for line in block.splitlines()]
        for digit in zip(*rows, strict=True):
            codes.append(tuple(1.0 if pixel == "#" else -1.0 for row in digit for pixel in row))
    return tuple(codes)


DIGIT_CODES = _codes()
"""Ten codes of 84 numbers, +1 where the drawing is black and -1 where it is white."""
