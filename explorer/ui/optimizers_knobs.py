"""What is asked on the Optimisers page, and kept in the address: surface, optimisers, knobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import BadRequest
from explorer.figures import surfaces as drawn
from explorer.training import surfaces
from explorer.training.paths_records import LONGEST, Settings
from explorer.training.recipe_knobs import KNOBS
from explorer.ui import address, guess_first

if TYPE_CHECKING:
    from explorer.training.surfaces import Surface

FIRST = "ravine"
USUAL = ("sgd", "momentum", "rmsprop", "adam")
RATES = tuple(
    float(f"{digit}e{power}") for power in range(-4, 2) for digit in (1, 1.5, 2, 3, 4, 5, 7)
)
MOMENTA = tuple(each / 100 for each in (*range(0, 90, 10), 90, 93, 95, 97, 98, 99))
SECOND = (0.5, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)
NOISES = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_FAR = 1000.0
"""The largest number that a start or a goal may be."""
_HELP = {knob.name: knob.help for knob in KNOBS}


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that decides about the ways: `chosen` are names with their learning rates."""

    surface: Surface
    chosen: tuple[tuple[str, float], ...]
    settings: Settings
    goal: float
    rate: float


def surface() -> Surface:
    """Draw the choice of surface."""
    known = tuple(surfaces.SURFACES)
    address.adopt("opt_surface", address.one_of("surface", known), FIRST, name="surface")
    key = st.selectbox(
        "Surface", known, key="opt_surface", persist_state="session", width=190,
        format_func=lambda each: surfaces.SURFACES[each].title,
    )  # fmt: skip
    address.publish("surface", None if key == FIRST else key)
    return surfaces.find(key or FIRST)


def guessing() -> bool:
    """Draw the switch between guessing first and ways at once."""
    return guess_first.wanted(
        "opt_guess", "Keeps the ways back until you have said who will be first"
    )


def racers() -> tuple[str, ...]:
    """Draw the choice of optimisers, any number of them."""
    address.adopt("opt_racers", _names, list(USUAL), name="optimisers")
    chosen = st.pills(
        "Optimisers", tuple(drawn.TITLES), key="opt_racers", selection_mode="multi", wrap=True,
        format_func=drawn.TITLES.__getitem__, persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    named = tuple(each for each in drawn.TITLES if each in chosen)
    address.publish("optimisers", None if named == USUAL else ",".join(named) or None)
    return named


def ask(ground: Surface, names: tuple[str, ...]) -> Asked:
    """Draw the knobs that all share, and those that are turned less often."""
    place = f"opt_{ground.key}"
    with st.grid(
        5, min_column_width=150, gap="medium", vertical_alignment="bottom", key="opt_knobs"
    ):
        rate = _stop("Learning rate", "lr", f"{place}_lr", RATES, ground.rate,
                     (1e-5, 100.0), _HELP["learning_rate"])  # fmt: skip
        momentum = _stop("Momentum β₁", "momentum", "opt_momentum", MOMENTA, 0.9, (0.0, 0.999),
                         _HELP["momentum"])  # fmt: skip
        second = _stop("Second moment β₂", "second", "opt_second", SECOND, 0.99, (0.0, 0.9999),
                       _HELP["second_moment"])  # fmt: skip
        noise = _stop("Noise", "noise", "opt_noise", NOISES, 0.0, (0.0, 100.0),
                      "Standard deviation of what is added to both parts of every gradient, the "
                      "same for all optimisers")  # fmt: skip
        with st.popover("More", icon=":material/tune:", key="opt_more"):
            decay = _number("Weight decay", "decay", "opt_decay", 0.0, 0.0, 10.0, 0.01,
                            _HELP["weight_decay"])  # fmt: skip
            steps = _whole("Steps", "steps", "opt_steps", 100, 1, LONGEST)
            seed = _whole("Seed of the noise", "seed", "opt_seed", 0, 0, 9999)
            usual = round(ground.least + 0.01, 6)
            goal = _number("Goal: a loss below", "goal", f"{place}_goal", usual, -_FAR, _FAR, 0.01,
                           "Who comes below it first, and stays there, has won")  # fmt: skip
            start = _start(ground, place)
            own = _own_rates(place, names, rate)
    settings = Settings(start, steps, momentum, second, decay, noise, seed)
    return Asked(ground, tuple((each, own.get(each, rate)) for each in names), settings, goal, rate)


def starts(ground: Surface) -> None:
    """Draw the surface's ready starts as buttons; the one that stands is marked."""
    place = f"opt_{ground.key}"
    usual = _rounded(ground.starts[0].at)
    asked: tuple[float, float] = address.adopt(f"{place}_asked", _point, usual, name="start")
    if address.says("start") is not None or f"{place}_x" not in st.session_state:
        start_at(ground, *asked)
    now = _place_of(ground)
    with st.container(
        horizontal=True, gap="xsmall", vertical_alignment="center", width="content",
        key="opt_starts",
    ):  # fmt: skip
        st.markdown(":small[:gray[Start:]]", width="content")
        for number, each in enumerate(ground.starts):
            st.button(
                each.title, key=f"opt_{ground.key}_start_{number}",
                type="primary" if now == _rounded(each.at) else "secondary",
                on_click=start_at, args=(ground, *each.at),
            )  # fmt: skip


def start_at(ground: Surface, x: float, y: float) -> None:
    """Turn the start to a place."""
    for axis, value in zip("xy", _rounded((x, y)), strict=True):
        st.session_state[f"opt_{ground.key}_{axis}"] = value


def use_rates(ground: Surface, rates: Mapping[str, float]) -> None:
    """Give each of these optimisers a learning rate of its own."""
    st.session_state[f"opt_{ground.key}_rates"] = dict(rates)


def _start(ground: Surface, place: str) -> tuple[float, float]:
    """Two numbers for the start, which a click on the map turns too."""
    usual = _rounded(ground.starts[0].at)
    with st.container(horizontal=True):
        x, y = (
            st.number_input(f"Start {axis}", -_FAR, _FAR, step=0.1, format="%g", width=110,
                            key=f"{place}_{axis}", persist_state="session")
            for axis in "xy"
        )  # fmt: skip
    point = _rounded((x if x is not None else usual[0], y if y is not None else usual[1]))
    address.publish("start", None if point == usual else f"{point[0]:g},{point[1]:g}")
    return point


def _own_rates(place: str, names: tuple[str, ...], rate: float) -> dict[str, float]:
    """A learning rate for each optimiser, where it is not the one of all."""
    key = f"{place}_rates"
    own: dict[str, float] = address.adopt(key, _rates, {}, name="rates")
    st.caption("Learning rates of their own")
    with st.container(horizontal=True, gap="xsmall"):
        for name in names:
            field = f"{key}_{name}"
            st.session_state[field] = own.get(name, rate)
            st.number_input(
                drawn.TITLES[name], 0.0, 100.0, step=0.001, format="%g", key=field, width=120,
                on_change=_keep_rate, args=(key, field, name),
            )  # fmt: skip
    if st.button("All alike", key=f"{key}_alike", disabled=not own):
        st.session_state[key] = {}
        st.rerun()
    told = {each: own[each] for each in names if each in own}
    address.publish("rates", ",".join(f"{each}:{value:g}" for each, value in told.items()) or None)
    return told


def _keep_rate(key: str, field: str, name: str) -> None:
    value = st.session_state[field]
    if value is not None:
        st.session_state[key] = {**st.session_state[key], name: float(value)}


def _stop(
    title: str, name: str, key: str, stops: tuple[float, ...], default: float,
    limits: tuple[float, float], help_: str,
) -> float:  # fmt: skip
    """A slider over chosen numbers; a link may ask for one in between."""
    value: float = address.adopt(key, _real(title.lower(), *limits), default, name=name)
    options = sorted({*stops, value, default})
    chosen = st.select_slider(
        title, options, key=key, persist_state="session", help=help_,
        format_func=lambda each: f"{each:g}",
    )  # fmt: skip
    number = float(chosen)
    address.publish(name, None if number == default else f"{number:g}")
    return number


def _number(
    title: str, name: str, key: str, default: float, low: float, high: float, step: float,
    help_: str,
) -> float:  # fmt: skip
    address.adopt(key, _real(title.lower(), low, high), default, name=name)
    value = st.number_input(
        title, low, high, step=step, format="%g", key=key, persist_state="session", width=230,
        help=help_,
    )  # fmt: skip
    number = default if value is None else float(value)
    address.publish(name, None if number == default else f"{number:g}")
    return number


def _whole(title: str, name: str, key: str, default: int, low: int, high: int) -> int:
    address.adopt(key, address.whole_number(title.lower(), low, high), default, name=name)
    value = st.number_input(title, low, high, step=1, key=key, persist_state="session", width=230)
    number = default if value is None else int(value)
    address.publish(name, None if number == default else str(number))
    return number


def _place_of(ground: Surface) -> tuple[float, float] | None:
    x, y = (st.session_state.get(f"opt_{ground.key}_{axis}") for axis in "xy")
    return None if x is None or y is None else _rounded((x, y))


def _rounded(point: tuple[float, float]) -> tuple[float, float]:
    """Four digits after the point: what a field shows is what is calculated with."""
    return round(float(point[0]), 4), round(float(point[1]), 4)


def _real(title: str, low: float, high: float) -> Callable[[str], float]:
    """A reader of numbers from low to high, which says what it expects."""

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise BadRequest(
                f"The address asks for {title} {text[:40]!r}; it must be a number from {low:g} to "
                f"{high:g}, so the default is shown."
            )
        return number

    return parse


def _names(text: str) -> list[str]:
    return [address.one_of("optimiser", tuple(drawn.TITLES))(each) for each in text.split(",")]


def _point(text: str) -> tuple[float, float]:
    read = _real("start", -_FAR, _FAR)
    x, comma, y = text.partition(",")
    if not comma:
        raise BadRequest(
            f"The address asks for start {text[:40]!r}; it must be two numbers such as -1.2,1, "
            "so the default is shown."
        )
    return _rounded((read(x), read(y)))


def _rates(text: str) -> dict[str, float]:
    read = _real("learning rate", 0.0, 100.0)
    pairs = [each.partition(":") for each in text.split(",")]
    return {_names(name)[0]: read(value) for name, _, value in pairs}
