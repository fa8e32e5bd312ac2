"""What the Saliency page is asked for: methods, classes, networks, a layer, knobs and a style.

All of it stands in the address. Classes and the layer follow the picture and the network until
somebody chooses others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
import streamlit as st

from explorer.figures.predictions import percent
from explorer.ui import address, pickers
from explorer.ui import attribution_links as links
from explorer.vision import overlay
from explorer.vision.attribution_records import METHODS
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.ui.opened import Opened
    from explorer.vision.attribution_records import Attribution, CamLayers, Knobs, KnobValue, Method
    from explorer.vision.overlay import Sharing
    from explorer.vision.prediction_records import Prediction

MOST_METHODS, MOST_CLASSES, MOST_NETWORKS = 6, 4, 3
MOST_MAPS = 48
"""What one grid holds at most: more can neither be read nor waited for."""
USUAL_METHODS: tuple[str, ...] = ("gradcam", "gradient")
USUAL_CLASSES = 2
NO_CLASSES: tuple[int, ...] = ()
NO_NETWORKS: tuple[str, ...] = ()
STRENGTH, CLIP = round(100 * overlay.STRENGTH), round(overlay.CLIP)
SHARINGS: dict[str, str] = {"method": "Each method", "grid": "All maps", "map": "Each map"}
VALUES = {"absolute": "Strength", "signed": "For and against"}

_CLASSES = "saliency_named"  # numbers somebody chose; empty: the likeliest
_ABOUT = "saliency_about"  # the picture they were chosen on
_CAM = "saliency_cam"  # the layer somebody chose; "": the customary one


@dataclass(frozen=True, slots=True)
class Style:
    """How maps are drawn; nothing of it needs them computed anew."""

    strength: float
    signed: bool
    clip: float
    sharing: Sharing


def scales(maps: Sequence[Attribution], style: Style) -> tuple[float, ...]:
    """The value of each map that is drawn at full strength.

    A scale for each method is one for each network too: another network's scores are in other
    units.
    """
    if style.sharing != "method":
        return overlay.limits(maps, clip=style.clip, sharing=style.sharing)
    limits = [0.0] * len(maps)
    for use in {each.use for each in maps}:
        places = [place for place, each in enumerate(maps) if each.use == use]
        own = overlay.limits([maps[place] for place in places], clip=style.clip, sharing="method")
        for place, limit in zip(places, own, strict=True):
            limits[place] = limit
    return tuple(limits)


def methods() -> tuple[str, ...]:
    """Draw the choice of methods and return their keys."""
    key = "saliency_methods"
    read = links.some_of("method", tuple(METHODS), MOST_METHODS)
    address.adopt(key, read, USUAL_METHODS, name="methods")
    st.multiselect(
        "Methods",
        tuple(METHODS),
        key=key,
        format_func=lambda each: METHODS[each].title,
        max_selections=MOST_METHODS,
        persist_state="session",
        placeholder="Choose a method",
        wrap=True,
        help=f"Up to {MOST_METHODS}. Those that run the network many times start by a button.",
    )
    chosen = tuple(st.session_state[key])
    address.publish("methods", None if chosen == USUAL_METHODS else links.written(chosen))
    return chosen


def classes(opened: Opened, said: Prediction, names: Sequence[str]) -> tuple[int, ...]:
    """Draw the choice of classes, the likeliest first, and return their numbers."""
    _renew(opened)
    address.adopt(_CLASSES, links.classes(names, MOST_CLASSES), NO_CLASSES, name="classes")
    usual = tuple(guess.index for guess in said.top[:USUAL_CLASSES])
    chosen = tuple(each for each in st.session_state[_CLASSES] if each < len(names))
    key = "saliency_classes"
    st.session_state[key] = list(chosen or usual)
    st.multiselect(
        "Classes",
        _likeliest(said),
        key=key,
        format_func=_labels(names, said).__getitem__,
        max_selections=MOST_CLASSES,
        on_change=_named,
        wrap=True,
        help=f"Up to {MOST_CLASSES}, by name; until you choose, the likeliest ones.",
    )
    address.publish("classes", links.written(chosen))
    return chosen or usual


def target(opened: Opened, said: Prediction, names: Sequence[str]) -> int:
    """Draw the choice of one class: that of the maps, the likeliest, or any other."""
    _renew(opened)
    chosen = address.adopt(_CLASSES, links.classes(names, MOST_CLASSES), NO_CLASSES, name="classes")
    known = [each for each in chosen if each < len(names)] or [said.top[0].index]
    key = "saliency_class"
    st.session_state[key] = known[0]

    def named() -> None:
        st.session_state[_CLASSES] = (st.session_state[key],)

    st.selectbox(
        "Class", _likeliest(said), key=key, on_change=named,
        format_func=_labels(names, said).__getitem__,
    )  # fmt: skip
    address.publish("classes", links.written([each for each in chosen if each < len(names)]))
    return known[0]


def networks(opened: Opened) -> tuple[str, ...]:
    """Draw the choice of networks to compare with, and return their names."""
    key = "saliency_networks"
    here, known = opened.card.name, _classifiers()
    address.adopt(key, links.some_of("network", known, MOST_NETWORKS), NO_NETWORKS, name="networks")
    st.session_state[key] = [name for name in st.session_state[key] if name != here]
    st.multiselect(
        "Compare with",
        tuple(name for name in known if name != here),
        key=key,
        format_func=lambda name: pickers.label(name).split(" · ")[0],
        max_selections=MOST_NETWORKS,
        persist_state="session",
        placeholder="Other networks",
        wrap=True,
        help=f"Up to {MOST_NETWORKS} more, each with the best weights on this computer.",
    )
    chosen = tuple(st.session_state[key])
    address.publish("networks", links.written(chosen))
    return chosen


def compared() -> tuple[str, ...]:
    """The networks that were chosen to compare with, without asking."""
    return tuple(st.session_state.get("saliency_networks", NO_NETWORKS))


def layer(known: CamLayers) -> str:
    """Draw the way along the network to the layer a CAM looks at, and say how far that sees."""
    rows = {each.name: each for each in known.candidates}
    address.adopt(_CAM, links.layer(tuple(rows)), "", name="cam")
    if st.session_state[_CAM] not in rows:  # of the network before
        st.session_state[_CAM] = ""
    key = "saliency_layer"
    st.session_state[key] = st.session_state[_CAM] or known.chosen
    if len(rows) > 1:
        st.select_slider("Layer of the CAMs", tuple(rows), key=key, on_change=_looked_into)
    row = rows[st.session_state[key]]
    address.publish("cam", st.session_state[_CAM] or None)
    st.caption(f"`{row.name}`: {row.channels:,} maps of {row.height} × {row.width}; {row.field}.")
    if row.name == known.chosen:
        st.caption(known.reason)
    else:
        st.button(
            "Back to the usual layer", key="saliency_usual", type="tertiary",
            icon=":material/undo:", on_click=_usual_layer,
        )  # fmt: skip
    return row.name


def style() -> Style:
    """Draw how the maps are shown."""
    strength = _slider("Overlay", "strength", 0, STRENGTH, "How much the map covers the picture.")
    values = _segments(
        "Values", "values", VALUES,
        "How strongly each place counts, whichever way; or red for the class and blue against it.",
    )  # fmt: skip
    sharing = _segments(
        "One colour scale for", "scale", SHARINGS,
        "Methods, and networks, have values in different units: so each has a scale of its own.",
    )  # fmt: skip
    clip = _slider(
        "Clip at percentile", "clip", 50, CLIP,
        "The value that gets the strongest colour: so many per cent of all are weaker.",
    )  # fmt: skip
    known: tuple[Sharing, ...] = get_args(overlay.Sharing)
    chosen = next(each for each in known if each == sharing)
    return Style(strength / 100, values == "signed", float(clip), chosen)


def is_signed() -> bool:
    """Whether maps are drawn for and against, without asking."""
    return st.session_state.get("saliency_values") == "signed"


def knobs(chosen: Sequence[str]) -> dict[str, Knobs]:
    """Draw the knobs of the methods chosen, and return what differs from the defaults."""
    turned: dict[str, Knobs] = {}
    with_knobs = [METHODS[each] for each in chosen if METHODS[each].knobs]
    if with_knobs:
        with st.popover("Knobs", icon=":material/tune:", key="saliency_knobs"):
            for method in with_knobs:
                st.markdown(f"**{method.title}**")
                turned[method.key] = _turned(method)
    asked = [f"{key}.{name}:{value}" for key, all_ in turned.items() for name, value in all_]
    address.publish("knobs", links.written(asked))
    return turned


def _turned(method: Method) -> Knobs:
    found: list[tuple[str, KnobValue]] = []
    for knob in method.knobs:
        key = f"saliency_knob_{method.key}_{knob.name}"
        address.adopt(key, links.knob(method, knob.name), knob.default, name="knobs")
        label = f"{knob.title}, {knob.unit}" if knob.unit else knob.title
        value: KnobValue | None
        if knob.choices:
            value = st.selectbox(
                label, knob.choices, key=key, help=knob.help or None, persist_state="session"
            )
        else:
            whole = isinstance(knob.default, int)
            kind: type[int] | type[float] = int if whole else float
            value = st.number_input(
                label, kind(knob.low), kind(knob.high), step=kind(knob.step), key=key,
                format=None if whole else "%.2f", help=knob.help or None, persist_state="session",
            )  # fmt: skip
        if value is not None and value != knob.default:
            found.append((knob.name, value))
    return tuple(found)


def _slider(title: str, name: str, low: int, usual: int, help_: str) -> int:
    key = f"saliency_{name}"
    address.adopt(key, address.whole_number(name, low, 100), usual, name=name)
    value: int = st.slider(
        title, low, 100, key=key, format="%d %%", help=help_, persist_state="session"
    )
    address.publish(name, None if value == usual else str(value))
    return value


def _segments(
    title: str, name: str, options: dict[str, str] | dict[Sharing, str], help_: str
) -> str:
    known = tuple(str(each) for each in options)
    titles = dict(zip(known, options.values(), strict=True))
    key = f"saliency_{name}"
    address.adopt(key, address.one_of(name, known), known[0], name=name)
    chosen = st.segmented_control(
        title, known, key=key, format_func=titles.__getitem__, required=True, help=help_,
        persist_state="session", wrap=True,
    )  # fmt: skip
    address.publish(name, None if chosen == known[0] else chosen)
    return chosen or known[0]


def _renew(opened: Opened) -> None:
    """Forget the classes that were chosen on another picture."""
    if st.session_state.get(_ABOUT) != opened.picture.digest:
        st.session_state[_ABOUT] = opened.picture.digest
        st.session_state[_CLASSES] = NO_CLASSES


def _likeliest(said: Prediction) -> list[int]:
    order: list[int] = np.argsort(-said.probabilities, kind="stable").tolist()
    return order


def _named() -> None:
    st.session_state[_CLASSES] = tuple(st.session_state["saliency_classes"])


def _looked_into() -> None:
    st.session_state[_CAM] = st.session_state["saliency_layer"]


def _usual_layer() -> None:
    st.session_state[_CAM] = ""


def _labels(names: Sequence[str], said: Prediction) -> list[str]:
    """Name and probability of each class; the number too where two classes have one name."""
    times = Counter(names)
    return [
        (f"{name} ({index})" if times[name] > 1 else name)
        + (f" · {percent(share)}" if share >= 0.0005 else "")
        for index, (name, share) in enumerate(zip(names, said.probabilities, strict=True))
    ]


def _classifiers() -> tuple[str, ...]:
    return tuple(card.name for card in catalogue.cards() if card.task == "classification")
