"""How one number of a network came about: the picture it saw, patch × kernel, and what followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import figures
from explorer.ui import cached, diagram, map_choices, show

if TYPE_CHECKING:
    from explorer.ui.map_choices import Looking
    from explorer.vision.activation_records import ChannelView
    from explorer.vision.arithmetic_records import Arithmetic, Unit


NARROW = 3
"""The largest kernel whose grids leave room for a figure beside them."""


def place(looking: Looking, view: ChannelView, unit: tuple[int, int]) -> Unit:
    """Draw which unit is looked at, the part of the picture it saw, and its number's way."""
    found = cached.unit(looking.opened, looking.row.layer, (view.channel, *unit))
    left, right = st.columns([36, 64], gap="medium")
    with left:
        _saw(looking, found)
    with right:
        _numbers(view, found)
        _chain(found)
    return found


def explain(looking: Looking, found: Unit) -> None:
    """Draw everything that the unit's number is made of."""
    st.subheader("How this number came about", anchor=False)
    if found.made is None:
        _unexplained(found)
    else:
        _made(looking, found.made)


def _numbers(view: ChannelView, found: Unit) -> None:
    """The unit's row and column, to be typed too."""
    height, width = view.values.shape
    if (height, width) == (1, 1):
        return
    with st.container(horizontal=True, gap="small", key="maps_unit_at"):
        for name, title, at, most in (
            ("y", "Row", found.place[1], height),
            ("x", "Column", found.place[2], width),
        ):
            st.session_state[f"maps_at_{name}"] = at
            st.number_input(title, 0, most - 1, key=f"maps_at_{name}", width=104, on_change=_typed)


def _saw(looking: Looking, found: Unit) -> None:
    """The part of the picture that the unit saw."""
    if found.seen is None or not found.crop:
        st.caption("Which part of the picture this unit saw is not known.")
        return
    seen, picture = found.seen, looking.opened.picture
    st.image(found.crop, width="stretch", alt="The part of the picture that this unit saw.")
    st.caption(
        f"What it saw: {seen.right - seen.left:.0f} × {seen.bottom - seen.top:.0f} of "
        f"{picture.width} × {picture.height} pixels."
    )


def _typed() -> None:
    row, column = st.session_state["maps_at_y"], st.session_state["maps_at_x"]
    if row is not None and column is not None:
        map_choices.choose_unit(int(row), int(column))


def _chain(found: Unit) -> None:
    """The unit's value after each row it passed in its place, the one looked at in bold."""
    made = found.made
    start = () if made is None else ((made.layer, made.operation, made.value),)
    steps = [*start, *((each.layer, each.kind, each.value) for each in found.then)]
    if made is None:
        steps = [
            *((each.layer, each.kind, each.value) for each in found.before),
            (found.layer, found.kind, found.value),
        ]
    st.table(
        {
            f"**`{layer}`** {kind}" if layer == found.layer else f"`{layer}` {kind}": (
                f"**{_exact(value)}**" if layer == found.layer else _exact(value)
            )
            for layer, kind, value in steps
        },
        border="horizontal",
        alt="The unit's value after each row that it passed in its place.",
    )


def _unexplained(found: Unit) -> None:
    """What can be said of a row that is no single sum or maximum."""
    given = (
        " What it was given at this place stands in the table above, with what it made of it."
        if found.before
        else ""
    )
    st.info(
        f"`{found.layer}` ({found.kind}) is no single sum or maximum, so there is no patch to lay "
        f"out.{given} Choose a convolution, a pooling or a linear layer to see the arithmetic.",
        icon=":material/calculate:",
    )


def _made(looking: Looking, made: Arithmetic) -> None:
    """The sum in words and numbers, the products of one input channel, and all channels."""
    if made.layer != looking.row.layer:
        st.markdown(
            f"`{made.layer}` made it; what the rows after it made of it stands in the table above."
        )
    st.markdown(_sentence(made))
    if made.operation == "linear":
        _contributions(made)
        return
    beside = len(made.contributions) > 1 and max(made.edge.shape) <= NARROW
    left, right = st.columns([46, 54], gap="large") if beside else (st.container(),) * 2
    with left:
        channel = _input(made)
        diagram.picture(figures.arithmetic.grids(made, channel), key="maps_products")
        if made.edge.any():
            st.caption(
                "Dashed cells lie beyond the map: "
                + ("they are padding." if made.kernel is not None else "padding, or not counted.")
            )
    if len(made.contributions) > 1:
        with right:
            _contributions(made)


def _input(made: Arithmetic) -> int:
    """Which input channel's products are shown: the one that adds most, until another is chosen."""
    if len(made.contributions) == 1:
        return 0
    order = made.strongest
    if st.session_state.get(map_choices.INPUT) not in order:
        st.session_state[map_choices.INPUT] = order[0]
    chosen: int | None = st.selectbox(
        f"Of {len(order):,} input channels, the products of",
        order,
        key=map_choices.INPUT,
        format_func=lambda each: (
            f"channel {made.first_input + each}, which adds "
            f"{figures.arithmetic.number(float(made.contributions[each]))}"
        ),
        width=360,
    )
    return order[0] if chosen is None else chosen


def _contributions(made: Arithmetic) -> None:
    show.figure(
        figures.arithmetic.contributions(made),
        lambda: figures.arithmetic.contribution_rows(made),
        key="maps_contributions",
        name="contributions",
        alt=f"What each of {len(made.contributions)} input channels adds to the sum.",
    )


def _sentence(made: Arithmetic) -> str:
    """The whole sum in one line, and how well it agrees with the network's own number."""
    cells = made.patch[0].size
    if made.operation == "maximum":
        assert made.winner is not None
        row, column = made.rows[made.winner[0]], made.columns[made.winner[1]]
        text = f"The largest of {cells} numbers, from row {row}, column {column} of its input"
    elif made.operation == "average":
        text = f"{cells} numbers add up to {_exact(made.total)}, divided by {made.divisor:g}"
    else:
        products = f"{made.patch.size:,} products" if made.patch.size > 1 else "One product"
        bias = "" if made.bias is None else f", plus the bias {_exact(made.bias)}"
        text = f"{products} add up to {_exact(made.total)}{bias}"
    return f"{text}: **{_exact(made.result)}**  \n:small[:gray[{_agreement(made)}]]"


def _agreement(made: Arithmetic) -> str:
    if made.difference == 0:
        return f"The network's own tensor has exactly this number, {made.value:.9g}."
    return (
        f"The network's own tensor says {made.value:.9g}; it adds in 32 bits, this sum in 64, and "
        f"they differ by {abs(made.difference):.1e}."
    )


def _exact(value: float) -> str:
    return f"{value:.7g}".replace("-", "−")
