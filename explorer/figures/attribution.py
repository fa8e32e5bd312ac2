"""May a saliency map be trusted? What is left of it in a randomised network, and what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer.figures import style

if TYPE_CHECKING:
    from explorer.vision.attribution_records import Curves, Randomisation

Row = dict[str, Any]

TRAINED = "trained"
MOST_TICKS = 14
"""Names of layers that find room below the figure."""


def randomisation(done: Randomisation) -> go.Figure:
    """How alike the map is to the trained network's, the more layers are random, output first.

    A gap stands where a map is constant: nothing can be compared then.
    """
    rows = randomisation_rows(done)
    places = list(range(len(rows)))
    figure = style.blank(360)
    kinds = (
        ("rank correlation", "rank correlation (Spearman)", style.PALETTE[0], 0),
        ("similarity", "structural similarity (SSIM)", style.PALETTE[1], 1),
    )
    for column, title, color, symbol in kinds:
        figure.add_trace(
            go.Scatter(
                x=places,
                y=[row[column] for row in rows],
                name=title,
                mode="lines+markers",
                line={"color": color, "width": 2},
                marker={"symbol": style.SYMBOLS[symbol], "size": 8},
                customdata=[row["random down to"] for row in rows],
                hovertemplate="random down to %{customdata}: %{y:.2f}<extra></extra>",
            )
        )
    every = max(1, -(-len(rows) // MOST_TICKS))
    figure.update_xaxes(
        title="Random from the output down to",
        tickvals=places[::every],
        ticktext=[row["random down to"] for row in rows][::every],
    )
    lowest = min([0.0, *(row[k] for row in rows for k, *_ in kinds if row[k] is not None)])
    figure.update_yaxes(title="Alike", range=[lowest - 0.05, 1.05])
    return figure


def randomisation_rows(done: Randomisation) -> list[Row]:
    """The numbers of `randomisation`; the trained network's map is like itself."""
    first = {"random down to": TRAINED, "rank correlation": 1.0, "similarity": 1.0}
    return [
        first,
        *(
            {
                "random down to": step.layer,
                "rank correlation": step.rank_correlation,
                "similarity": step.similarity,
            }
            for step in done.steps
        ),
    ]


def curves(done: Curves) -> go.Figure:
    """The class's probability while the map's pixels appear, and while they vanish."""
    figure = style.blank(340)
    kinds = (
        ("insertion", done.insertion, done.insertion_area, style.PALETTE[2], "solid"),
        ("deletion", done.deletion, done.deletion_area, style.PALETTE[3], "dash"),
    )
    shares = [100 * each for each in done.fractions]
    for number, (title, values, area, color, dash) in enumerate(kinds):
        figure.add_trace(
            go.Scatter(
                x=shares,
                y=values,
                name=f"{title}, area {area:.2f}",
                mode="lines+markers",
                line={"color": color, "width": 2, "dash": dash},
                marker={"symbol": style.SYMBOLS[number], "size": 6},
                hovertemplate="%{x:.0f} % of the pixels: %{y:.3f}<extra></extra>",
            )
        )
    figure.update_xaxes(title="Pixels, the map's strongest first, %", range=[-1, 101])
    figure.update_yaxes(title="Probability of the class", rangemode="tozero")
    return figure


def curve_rows(done: Curves) -> list[Row]:
    """The numbers of `curves`."""
    return [
        {"pixels %": 100 * fraction, "insertion": inserted, "deletion": deleted}
        for fraction, inserted, deleted in zip(
            done.fractions, done.insertion, done.deletion, strict=True
        )
    ]
