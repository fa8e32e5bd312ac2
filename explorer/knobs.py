"""A knob: something a person may turn, as data that pages draw widgets from. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Knob:
    """A number from `low` to `high` in steps, or with `choices` one of these words.

    A whole number where `step` is one. `help` says in a sentence what turning it does; `paper`
    and `link` where it comes from, if somebody is to be thanked for it.
    """

    name: str
    title: str
    default: float | int | str
    low: float | int = 0
    high: float | int = 0
    step: float | int = 1
    unit: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()
    paper: str = ""
    link: str = ""

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return not self.choices and isinstance(self.step, int)

    def checked(self, value: Any) -> float | int | str:
        """Return the value as the knob's own type. Raises BadRequest outside its range."""
        if self.choices:
            if value not in self.choices:
                raise BadRequest(
                    f"{self.title} is one of {', '.join(self.choices)}, not {value!r}."
                )
            return str(value)
        number = _number(value)
        if number is None or not self.low <= number <= self.high or (self.whole and number % 1):
            kind = "a whole number" if self.whole else "a number"
            raise BadRequest(
                f"{self.title} is {kind} from {self.low:g} to {self.high:g}, not {value!r}."
            )
        return int(number) if self.whole else number


def settled(knobs: Sequence[Knob], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for every knob: as given, else its default.

    Raises BadRequest for a value out of range or a name that no knob has.
    """
    known = {knob.name: knob for knob in knobs}
    for name in given:
        if name not in known:
            raise BadRequest(f"There is no setting {name!r} here; there is {', '.join(known)}.")
    return {
        name: knob.checked(given[name]) if name in given else knob.default
        for name, knob in known.items()
    }


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None
