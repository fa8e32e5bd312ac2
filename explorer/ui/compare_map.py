"""The Compare page's map of the zoo: any two figures, the front of the best, and a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer import figures, units
from explorer.compare import zoo_map
from explorer.errors import BadRequest
from explorer.ui import address, compare_measure, frontpage, places, show
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.compare.zoo_map import Answer, Filters
    from explorer.ui.compare import Chosen
    from explorer.zoo.cards import ModelCard

ACCURACY, MOST_MACS = 75.0, 10**9
BUDGETS = (
    *(digit * 10**power for power in range(8, 12) for digit in (1, 2, 3, 5, 7)),
    10**12,
)
"""Steps of the slider of MACs, 100 M to 1 T."""
ACROSS, UP = "macs", "top1"


def draw(chosen: Chosen) -> None:
    """Filters, the question, and the map; a click on a point opens its Anatomy."""
    everything = [card for card in catalogue.cards() if zoo_map.top1(card) is not None]
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_map_knobs"):
        across, up = _axis("Across", "x", ACROSS), _axis("Up", "y", UP)
        filters = _filters(everything)
    cards = zoo_map.chosen(everything, filters)
    answer = _question(cards)
    found = zoo_map.place(cards, across, up, compare_measure.times())
    if not found.points:
        st.info(_nothing(across, up), icon=":material/filter_alt_off:")
        return
    picked = show.figure(
        figures.compare_map.zoo(
            found, across, up,
            marked=[card.name for card in chosen.cards], told=answer.names,
        ),
        lambda: figures.compare_map.rows(found, across, up),
        key="compare_map",
        name="convzoo_map",
        alt=f"{len(found.points)} networks, {zoo_map.AXES[up].short} against "
        f"{zoo_map.AXES[across].short}.",
        on_select=True,
    )  # fmt: skip
    frontpage.open_point(picked, places.ANATOMY)
    st.caption(
        f"{found.note} Accuracies are published ImageNet-1K top-1 figures of each network's "
        "default weights; counts are for one picture at those weights' own size. The dotted steps "
        "are the Pareto front: no model has more of the one for less of the other. Click a point "
        "to take it apart."
    )


def _nothing(across: str, up: str) -> str:
    if "time" in (across, up):
        return "No network was measured in this session yet: do so under Measure here."
    return "No network passes these filters; widen the years or take families out."


def _axis(title: str, name: str, default: str) -> str:
    key = f"compare_map_{name}"
    known = tuple(zoo_map.AXES)
    address.adopt(key, address.one_of(name, known), default, name=name)
    value = st.selectbox(
        title, known, key=key, format_func=lambda each: zoo_map.AXES[each].short,
        persist_state="session", width=170,
    )  # fmt: skip
    address.publish(name, None if value == default else value)
    return value


def _filters(cards: Sequence[ModelCard]) -> Filters:
    families = sorted({card.family for card in cards})
    chosen = _several("Families", "families", families, ())
    tasks = _several("Tasks", "tasks", zoo_map.TASKS, ("classification",))
    first, last = min(card.year for card in cards), max(card.year for card in cards)
    key = "compare_map_years"
    address.adopt(key, _span(first, last), (first, last), name="years")
    # A slider whose state is a pair has two ends; its annotation knows only one.
    years: Any = st.slider("Years", first, last, key=key, persist_state="session", width=200)
    address.publish("years", None if years == (first, last) else f"{years[0]}-{years[1]}")
    return zoo_map.Filters(tasks or ("classification",), chosen, (years[0], years[1]))


def _several(
    title: str, name: str, known: Sequence[str], default: Sequence[str]
) -> tuple[str, ...]:
    key = f"compare_map_{name}"

    def parse(text: str) -> list[str]:
        asked = text.split("~")
        unknown = next((each for each in asked if each not in known), None)
        if unknown is not None:
            raise BadRequest(
                f"The address asks for {name} {unknown[:40]!r}, which there is not, so the "
                "default is shown."
            )
        return asked

    address.adopt(key, parse, list(default), name=name)
    value = st.multiselect(
        title, tuple(known), key=key, persist_state="session", placeholder="all", width=220
    )
    address.publish(name, None if list(value) == list(default) else "~".join(value) or None)
    return tuple(value)


def _span(first: int, last: int) -> Callable[[str], tuple[int, int]]:
    def parse(text: str) -> tuple[int, int]:
        start, _, stop = text.partition("-")
        inside = all(each.isascii() and each.isdigit() for each in (start, stop))
        if not inside or not first <= int(start[:6]) <= int(stop[:6]) <= last:
            raise BadRequest(
                f"The address asks for years {text[:20]!r}; they go from {first} to {last}, such "
                f"as {first}-{last}."
            )
        return int(start), int(stop)

    return parse


def _question(cards: Sequence[ModelCard]) -> Answer:
    """The smallest model above so much accuracy under so many MACs, as two sliders."""
    with st.container(border=True, key="compare_question"):
        st.markdown("**Which is the smallest model …**")
        left, right = st.columns(2, gap="large")
        with left:
            accuracy = _accuracy()
        with right:
            budget = _budget()
        answer = zoo_map.smallest(cards, accuracy, budget)
        st.markdown(answer.sentence)
    return answer


def _accuracy() -> float:
    key = "compare_map_above"
    address.adopt(key, _number("accuracy", 40, 90), ACCURACY, name="above")
    value = st.slider(
        "… above a top-1 accuracy of", 40.0, 90.0, step=0.5, key=key, format="%.1f %%",
        persist_state="session",
    )  # fmt: skip
    address.publish("above", None if value == ACCURACY else f"{value:g}")
    return value


def _budget() -> float:
    key = "compare_map_under"

    def parse(text: str) -> int:
        asked = _number("budget", 0.1, 1000)(text) * 1e9
        nearest: int = min(BUDGETS, key=lambda each: abs(each - asked))
        return nearest

    address.adopt(key, parse, MOST_MACS, name="under")
    value = st.select_slider(
        "… under", BUDGETS, key=key, format_func=lambda each: units.cost(int(each)),
        persist_state="session",
    )  # fmt: skip
    address.publish("under", None if value == MOST_MACS else f"{value / 1e9:g}")
    return float(value)


def _number(name: str, low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        digits = text.replace(".", "", 1)
        if not (digits.isascii() and digits.isdigit() and low <= float(text[:12]) <= high):
            raise BadRequest(
                f"The address asks for {name} {text[:20]!r}; it must be a number from {low:g} to "
                f"{high:g}, so the default is shown."
            )
        return float(text[:12])

    return parse
