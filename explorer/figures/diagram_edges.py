"""Edges of a diagram as paths in SVG's path language, from one node's bottom to another's top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

SpotKind: TypeAlias = Literal["box", "round", "frame", "port"]
Point: TypeAlias = tuple[float, float]

BEND = 28.0
_TURN = 12.0
_SIDE = 13.0
_WIDEST_BOW = 220.0
_HEAD = 4.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where edges touch a node: the spine `x`, its top, its bottom and its right side."""

    x: float
    top: float
    bottom: float
    right: float
    kind: SpotKind

    @classmethod
    def port(cls, x: float, y: float) -> Spot:
        """A frame's way in or out: a point."""
        return cls(x, y, y, x, "port")

    @property
    def enters(self) -> float:
        """How far down its side shortcuts arrive: in the upper part, a frame's header."""
        if self.kind == "round":
            return (self.top + self.bottom) / 2
        return self.top + min(0.3 * (self.bottom - self.top), _SIDE)

    @property
    def leaves(self) -> float:
        """How far down its side shortcuts depart: in the lower part."""
        return self.top + self.bottom - self.enters

    @property
    def takes_arrow(self) -> bool:
        """Whether an edge ends here; through ports and frames it runs on."""
        return self.kind in ("box", "round")


def plain_path(one: Spot, other: Spot, *, bend_first: bool) -> str:
    """A straight line, or one with a bend just below its start or just above its end."""
    start, end = (one.x, one.bottom), (other.x, other.top)
    if abs(one.x - other.x) < 0.5:
        return f"M{_at(start)}L{_at(end)}" + _head(other)
    bend = min(BEND, other.top - one.bottom)
    if bend_first:
        knee = (other.x, one.bottom + bend)
        return f"M{_at(start)}{_curve(start, knee)}L{_at(end)}" + _head(other)
    knee = (one.x, other.top - bend)
    return f"M{_at(start)}L{_at(knee)}{_curve(knee, end)}" + _head(other)


def lane_path(one: Spot, other: Spot, x: float, *, by_side: bool = False) -> str:
    """A line that goes over to the vertical at `x`, passes by and comes back, or in by the side."""
    start = (one.x, one.bottom)
    shoulder = (x, one.bottom + BEND)
    if by_side or other.kind == "round":
        knee, last = (x, other.enters - _TURN), (x - _TURN, other.enters)
        side = _into_side(other) if other.takes_arrow else f"L{_at((other.right, other.enters))}"
        path = f"M{_at(start)}{_curve(start, shoulder)}L{_at(knee)}"
        return f"{path}Q{_at((x, other.enters))} {_at(last)}{side}"
    end = (other.x, other.top)
    knee = (x, other.top - BEND)
    return f"M{_at(start)}{_curve(start, shoulder)}L{_at(knee)}{_curve(knee, end)}" + _head(other)


def arc_path(one: Spot, other: Spot, turn: float) -> str:
    """A bow from the right side of one node to that of another, at its widest near `turn`.

    From or to a port it is a lane at `turn`: a bow would cross what stands in between.
    """
    if one.kind == "port" or other.kind == "port":
        return lane_path(one, other, turn, by_side=other.kind != "port")
    start, end = (one.right, one.leaves), (other.right, other.enters)
    if other.takes_arrow:
        end = (end[0] + _HEAD, end[1])
    right = max(start[0], end[0])
    wide = right + min(turn - right, _WIDEST_BOW) * 4 / 3
    return f"M{_at(start)}C{_at((wide, start[1]))} {_at((wide, end[1]))} {_at(end)}" + (
        _into_side(other) if other.takes_arrow else ""
    )


def route_path(one: Spot, other: Spot, points: Sequence[Point]) -> str:
    """A line through given points, curved between them."""
    here, path = (one.x, one.bottom), f"M{_at((one.x, one.bottom))}"
    for there in (*points, (other.x, other.top)):
        path += f"L{_at(there)}" if abs(here[0] - there[0]) < 0.5 else _curve(here, there)
        here = there
    return path + _head(other)


def _at(point: Point) -> str:
    return f"{point[0]:.5g} {point[1]:.7g}"


def _curve(one: Point, other: Point) -> str:
    """An S from one point down to another, vertical at both ends."""
    half = (one[1] + other[1]) / 2
    return f"C{_at((one[0], half))} {_at((other[0], half))} {_at(other)}"


def _head(spot: Spot) -> str:
    if not spot.takes_arrow:
        return ""
    left, right = (spot.x - _HEAD, spot.top - _HEAD), (spot.x + _HEAD, spot.top - _HEAD)
    return f"M{_at(left)}L{_at((spot.x, spot.top))}L{_at(right)}"


def _into_side(spot: Spot) -> str:
    tip = (spot.right, spot.enters)
    above, below = (tip[0] + _HEAD, tip[1] - _HEAD), (tip[0] + _HEAD, tip[1] + _HEAD)
    return f"L{_at(tip)}M{_at(above)}L{_at(tip)}L{_at(below)}"
