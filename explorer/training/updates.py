r"""Each optimiser's update rule by hand: as LaTeX, with its numbers, worked out. No torch here.

Written from the papers in the form that torch's own documentation gives them (where to put epsilon,
how momentum is scaled), and held against torch's optimisers by tests. Everything is in float64 for
the two coordinates of a point at once; AdamP takes the two as one filter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from explorer.training.paths_records import Path, Settings

Array: TypeAlias = np.ndarray
Value: TypeAlias = "float | Array"

EPSILON = {"adagrad": 1e-10, "adadelta": 1e-6}
"""What keeps a division from zero, where it is not 1e-8."""
_ADAM, _ADAMP = ("exp_avg", "exp_avg_sq"), ("mean", "square")
"""What the two running means are called in torch's Adam and its kin, and in ours."""
_DELTA, _RATIO = 0.1, 0.1
"""AdamP's own: how small a cosine counts as at right angles, and what decay is left then."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rule: `symbol` = `general`, and the same with each coordinate's numbers."""

    symbol: str
    general: str
    filled: tuple[str, str]
    values: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Update:
    """One step worked out by hand: its lines, where it leads and what is remembered then."""

    lines: tuple[Line, ...]
    place: Array
    state: Mapping[str, Array]


@dataclass(slots=True)
class _Sheet:
    """A step being worked out: `t` counts from 1; `lines` grow as the rule is followed."""

    t: int
    rate: float
    place: Array
    gradient: Array
    before: Mapping[str, Array]
    settings: Settings
    names: tuple[str, str]
    lines: list[Line] = field(default_factory=list)
    after: dict[str, Array] = field(default_factory=dict)

    def old(self, name: str) -> Array:
        """What was remembered under torch's name, zero at first."""
        return self.before.get(name, np.zeros(2))

    def write(
        self, symbol: str, general: str, filled: str, value: Value, **numbers: Value
    ) -> Array:
        """Add a line; `<name>` in `filled` stands for a number, or one per coordinate."""
        both = np.broadcast_to(np.asarray(value, dtype=np.float64), (2,)).copy()
        texts = [_put_in(filled, numbers, axis) for axis in (0, 1)]
        self.lines.append(
            Line(symbol, general, (texts[0], texts[1]), (float(both[0]), float(both[1])))
        )
        return both


def update(path: Path, settings: Settings, step: int) -> Update:
    """Work out step `step` (from 1) of a path from the row before it."""
    row = step - 1
    sheet = _Sheet(
        step,
        path.learning_rate,
        path.positions[row],
        path.gradients[row],
        {each.name: each.values[row] for each in path.state},
        settings,
        _ADAMP if path.optimiser == "adamp" else _ADAM,
    )
    with np.errstate(all="ignore"):
        place = _RULES[path.optimiser](sheet)
    return Update(tuple(sheet.lines), place, sheet.after)


def _decayed(sheet: _Sheet) -> Array:
    """The gradient with weight decay added to it, as all but AdamW and AdamP do."""
    decay = sheet.settings.weight_decay
    if not decay:
        return sheet.gradient
    return sheet.write(
        "g", r"\nabla f + \lambda\theta", r"<f> + <decay> \cdot <w>",
        sheet.gradient + decay * sheet.place, f=sheet.gradient, decay=decay, w=sheet.place,
    )  # fmt: skip


def _shrunk(sheet: _Sheet, share: float = 1.0) -> Array:
    """The weights, pulled towards zero directly."""
    decay = sheet.settings.weight_decay
    if not decay:
        return sheet.place
    part = "" if share == 1 else rf"{share:g}\,"
    general = rf"\theta - {part}\eta\lambda\theta"
    factor = sheet.rate * decay * share
    return sheet.write(
        r"\theta", general, r"<w> - <factor> \cdot <w>", sheet.place * (1 - factor),
        w=sheet.place, factor=factor,
    )  # fmt: skip


def _moved(sheet: _Sheet, place: Array, symbol: str, along: Array) -> Array:
    """The step itself: the learning rate times a direction."""
    return sheet.write(
        r"\theta", rf"\theta - \eta\,{symbol}", r"<w> - <rate> \cdot <d>",
        place - sheet.rate * along, w=place, rate=sheet.rate, d=along,
    )  # fmt: skip


def _sgd(sheet: _Sheet) -> Array:
    return _moved(sheet, sheet.place, "g", _decayed(sheet))


def _velocity(sheet: _Sheet, g: Array) -> Array:
    mu, old = sheet.settings.momentum, sheet.old("momentum_buffer")
    v = sheet.write(
        "v", r"\mu\,v + g", r"<mu> \cdot <v> + <g>", mu * old + g, mu=mu, v=old, g=g
    )  # fmt: skip
    sheet.after["momentum_buffer"] = v
    return v


def _momentum(sheet: _Sheet) -> Array:
    return _moved(sheet, sheet.place, "v", _velocity(sheet, _decayed(sheet)))


def _nesterov(sheet: _Sheet) -> Array:
    g = _decayed(sheet)
    v, mu = _velocity(sheet, g), sheet.settings.momentum
    along = sheet.write("d", r"g + \mu\,v", r"<g> + <mu> \cdot <v>", g + mu * v, g=g, mu=mu, v=v)
    return _moved(sheet, sheet.place, "d", along)


def _adagrad(sheet: _Sheet) -> Array:
    g, old = _decayed(sheet), sheet.old("sum")
    total = sheet.write("G", "G + g^2", "<old> + <g>^2", old + g * g, old=old, g=g)
    sheet.after["sum"] = total
    d = sheet.write(
        "d", r"\frac{g}{\sqrt{G} + \varepsilon}", r"\frac{<g>}{\sqrt{<s>} + \varepsilon}",
        g / (np.sqrt(total) + EPSILON["adagrad"]), g=g, s=total,
    )  # fmt: skip
    return _moved(sheet, sheet.place, "d", d)


def _mean_of_squares(sheet: _Sheet, name: str, symbol: str, share: str, of: str, x: Array) -> Array:
    """A running mean of squares under torch's name."""
    rho, old = sheet.settings.second_moment, sheet.old(name)
    mean = sheet.write(
        symbol, rf"{share}\,{symbol} + (1-{share})\,{of}^2",
        r"<rho> \cdot <old> + <rest> \cdot <x>^2", rho * old + (1 - rho) * x * x,
        rho=rho, old=old, rest=1 - rho, x=x,
    )  # fmt: skip
    sheet.after[name] = mean
    return mean


def _rmsprop(sheet: _Sheet) -> Array:
    g = _decayed(sheet)
    s = _mean_of_squares(sheet, "square_avg", "s", r"\alpha", "g", g)
    d = sheet.write(
        "d", r"\frac{g}{\sqrt{s} + \varepsilon}", r"\frac{<g>}{\sqrt{<s>} + \varepsilon}",
        g / (np.sqrt(s) + 1e-8), g=g, s=s,
    )  # fmt: skip
    return _moved(sheet, sheet.place, "d", d)


def _adadelta(sheet: _Sheet) -> Array:
    g, eps = _decayed(sheet), EPSILON["adadelta"]
    s = _mean_of_squares(sheet, "square_avg", "s", r"\rho", "g", g)
    before = sheet.old("acc_delta")
    d = sheet.write(
        "d", r"\frac{\sqrt{u + \varepsilon}}{\sqrt{s + \varepsilon}}\,g",
        r"\frac{\sqrt{<u> + \varepsilon}}{\sqrt{<s> + \varepsilon}} \cdot <g>",
        np.sqrt(before + eps) / np.sqrt(s + eps) * g, u=before, s=s, g=g,
    )  # fmt: skip
    _mean_of_squares(sheet, "acc_delta", "u", r"\rho", "d", d)
    return _moved(sheet, sheet.place, "d", d)


def _moments(sheet: _Sheet, g: Array) -> tuple[Array, Array, Array]:
    """Adam's two running means, and the first corrected for its start at zero."""
    first, second = sheet.names
    beta, old = sheet.settings.momentum, sheet.old(first)
    m = sheet.write(
        "m", r"\beta_1 m + (1-\beta_1)\,g", r"<beta> \cdot <m> + <rest> \cdot <g>",
        beta * old + (1 - beta) * g, beta=beta, m=old, rest=1 - beta, g=g,
    )  # fmt: skip
    sheet.after[first] = m
    v = _mean_of_squares(sheet, second, "v", r"\beta_2", "g", g)
    return m, v, _unbiased(sheet, r"\hat m", "m", r"\beta_1", beta, m)


def _unbiased(sheet: _Sheet, hat: str, name: str, share: str, beta: float, x: Array) -> Array:
    rest = 1 - beta**sheet.t
    return sheet.write(
        hat, rf"\frac{{{name}}}{{1 - {share}^t}}", rf"\frac{{<x>}}{{1 - <beta>^{{{sheet.t}}}}}",
        x / rest, x=x, beta=beta,
    )  # fmt: skip


def _adam_direction(sheet: _Sheet, g: Array) -> Array:
    _, v, m_hat = _moments(sheet, g)
    v_hat = _unbiased(sheet, r"\hat v", "v", r"\beta_2", sheet.settings.second_moment, v)
    return sheet.write(
        "d", r"\frac{\hat m}{\sqrt{\hat v} + \varepsilon}",
        r"\frac{<m>}{\sqrt{<v>} + \varepsilon}", m_hat / (np.sqrt(v_hat) + 1e-8), m=m_hat, v=v_hat,
    )  # fmt: skip


def _adam(sheet: _Sheet) -> Array:
    return _moved(sheet, sheet.place, "d", _adam_direction(sheet, _decayed(sheet)))


def _adamw(sheet: _Sheet) -> Array:
    place = _shrunk(sheet)
    return _moved(sheet, place, "d", _adam_direction(sheet, sheet.gradient))


def _radam(sheet: _Sheet) -> Array:
    _, v, m_hat = _moments(sheet, _decayed(sheet))
    beta, t = sheet.settings.second_moment, sheet.t
    most = 2 / (1 - beta) - 1
    known = most - 2 * t * beta**t / (1 - beta**t)
    rho = sheet.write(
        r"\rho_t", r"\rho_\infty - \frac{2t\beta_2^t}{1-\beta_2^t}",
        rf"<most> - \frac{{2 \cdot {t} \cdot <beta>^{{{t}}}}}{{1 - <beta>^{{{t}}}}}", known,
        most=most, beta=beta,
    )[0]  # fmt: skip
    if rho <= 5:
        return _moved(sheet, sheet.place, r"\hat m", m_hat)
    trust = np.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
    r = sheet.write(
        "r_t",
        r"\sqrt{\frac{(\rho_t-4)(\rho_t-2)\rho_\infty}{(\rho_\infty-4)(\rho_\infty-2)\rho_t}}",
        r"\sqrt{\frac{(<rho>-4)(<rho>-2) \cdot <most>}{(<most>-4)(<most>-2) \cdot <rho>}}",
        trust, rho=rho, most=most,
    )  # fmt: skip
    d = sheet.write(
        "d", r"r_t\,\hat m\,\frac{\sqrt{1-\beta_2^t}}{\sqrt{v} + \varepsilon}",
        rf"<r> \cdot <m> \cdot \frac{{\sqrt{{1 - <beta>^{{{t}}}}}}}{{\sqrt{{<v>}} + \varepsilon}}",
        r * m_hat * np.sqrt(1 - beta**t) / (np.sqrt(v) + 1e-8), r=r, m=m_hat, beta=beta, v=v,
    )  # fmt: skip
    return _moved(sheet, sheet.place, "d", d)


def _adamp(sheet: _Sheet) -> Array:
    w, g = sheet.place, sheet.gradient
    d, share = _adam_direction(sheet, g), 1.0
    lengths = float(np.linalg.norm(w)), float(np.linalg.norm(g))
    cosine = abs(float(w @ g)) / (max(lengths[0], 1e-8) * max(lengths[1], 1e-8))
    sheet.write(
        r"\cos", r"\frac{|\theta \cdot g|}{\|\theta\|\,\|g\|}",
        r"\frac{|<dot>|}{<w> \cdot <g>}", cosine,
        dot=float(w @ g), w=lengths[0], g=lengths[1],
    )  # fmt: skip
    if cosine < _DELTA / np.sqrt(2):
        n = w / max(lengths[0], 1e-12)
        out, share = float(n @ d), _RATIO
        d = sheet.write(
            "d", r"d - (n \cdot d)\,n,\; n = \tfrac{\theta}{\|\theta\|}", r"<d> - <out> \cdot <n>",
            d - out * n, d=d, out=out, n=n,
        )  # fmt: skip
    return _moved(sheet, _shrunk(sheet, share), "d", d)


_RULES: Mapping[str, Callable[[_Sheet], Array]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adamw,
    "radam": _radam,
    "adamp": _adamp,
}


def number(value: float) -> str:
    """Four significant digits as LaTeX: 0.00001234 -> "1.234 \\cdot 10^{-5}"."""
    if not np.isfinite(value):
        return r"\infty" if value > 0 else r"-\infty" if value < 0 else r"\text{no number}"
    digits, _, power = f"{value:.3e}".partition("e")
    if value and not -4 <= int(power) < 5:
        return rf"{float(digits):g} \cdot 10^{{{int(power)}}}"
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def _put_in(filled: str, numbers: Mapping[str, Value], axis: int) -> str:
    for name, value in numbers.items():
        one = float(np.broadcast_to(np.asarray(value), (2,))[axis])
        filled = filled.replace(f"<{name}>", _bracketed(one))
    return filled


def _bracketed(value: float) -> str:
    text = number(value)
    return f"({text})" if value < 0 or "cdot" in text else text
