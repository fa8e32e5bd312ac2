"""How far do our counts agree with what torchvision publishes, model by model?

`python -m explorer.anatomy.coverage` writes the table again (assets/coverage.md, or the path
given); a test holds the file against it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy.dissection import dissect
from explorer.anatomy.proposals import explained
from explorer.anatomy.reconcile import at_weights
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard, Weights

TABLE = Path("assets/coverage.md")

UNEXPLAINED = "not explained"


@dataclass(frozen=True, slots=True)
class Row:
    """One set of published weights beside our counts at its own evaluation size.

    `macs_published` is as torchvision prints it, in 10^9 with three decimals ("" where it prints
    none). `reason` says why ours has other digits ("" where it has the same), and
    `macs_predicted` what our rows give under the circumstances that the reason names.
    """

    model: str
    weights: str
    task: str
    run: str
    input: str
    params: int
    params_published: int
    macs: int
    macs_published: str
    not_counted: tuple[str, ...]
    reason: str = ""
    macs_predicted: int | None = None

    @property
    def agrees(self) -> bool:
        """Whether our multiply-adds give the printed digits."""
        return self.macs_published in ("", in_billions(self.macs))


def in_billions(macs: int | float) -> str:
    """Write multiply-adds as torchvision prints them: 4089184256 -> "4.089"."""
    return f"{macs / 1e9:.3f}"


def rows() -> Iterator[Row]:
    """A row for the default weights of each torchvision model, then for weights at other sizes."""
    others: list[tuple[ModelCard, Weights, Anatomy]] = []
    for card in sorted(catalogue.cards(), key=lambda each: each.name):
        default = card.default_weights
        if card.source != "torchvision" or default is None:
            continue
        anatomy = dissect(card.name)
        yield _row(default, anatomy)
        others += [
            (card, each, anatomy)
            for each in card.weights
            if each.input_size not in (None, card.input_size)
        ]
    for card, weights, anatomy in others:
        yield _row(weights, at_weights(card, weights, anatomy), card)


def _row(weights: Weights, anatomy: Anatomy, card: ModelCard | None = None) -> Row:
    printed = "" if weights.macs is None else in_billions(weights.macs)
    reason, predicted = "", None
    if printed not in ("", in_billions(anatomy.macs)):
        found = explained(anatomy, printed)
        reason = found.sentence if found else UNEXPLAINED
        predicted = found.macs if found else None
    return Row(
        model=card.name if card else anatomy.model,
        weights=weights.name,
        task=card.task if card else anatomy.task,
        run=anatomy.run.kind,
        input=" and ".join(units.shape(each) for each in anatomy.input_shapes),
        params=anatomy.params,
        params_published=weights.params,
        macs=anatomy.macs,
        macs_published=printed,
        not_counted=tuple(each.op for each in anatomy.not_counted),
        reason=reason,
        macs_predicted=predicted,
    )


HEAD = """# Our counts beside torchvision's

Written by `python -m explorer.anatomy.coverage`; a test holds it up to date.

Parameters are compared with `weights.meta["num_params"]`, multiply-adds with
`weights.meta["_ops"]`, which torchvision prints as "GFLOPS", in 10^9 with three decimals. Each set
of weights is counted at the input size it is evaluated at.
"""

COLUMNS = (
    "model", "task", "run", "input", "parameters", "published", "MACs", "10^9", "published", "same",
)  # fmt: skip


def markdown(found: list[Row]) -> str:
    """Write the rows as a page: a summary, the table, the reasons for every other digit."""
    models = {each.model: each for each in reversed(found)}.values()
    extra = [each for each in found if each not in models]
    return "\n".join(
        (
            HEAD,
            _summary(list(models)),
            "",
            *_table(sorted(models, key=lambda each: each.model)),
            "",
            "## Weights of these models evaluated at another size",
            "",
            *_table(extra, weights=True),
            "",
            "## Why a figure differs",
            "",
            *(_reason(each) for each in found if not each.agrees),
            "",
        )
    )


def _summary(models: list[Row]) -> str:
    params = sum(each.params == each.params_published for each in models)
    macs = sum(each.agrees for each in models)
    known = sum(not each.agrees and each.macs_predicted is not None for each in models)
    missing = sorted({op for each in models for op in each.not_counted})
    return (
        f"Parameters are equal for {params} of {len(models)} models. Multiply-adds have the same "
        f"digits for {macs}; for {known} of the other {len(models) - macs} the reason below gives "
        "torchvision's digits when our rows are added up accordingly. "
        f"Operators that were not counted: {', '.join(missing) or 'none'}."
    )


def _table(found: list[Row], weights: bool = False) -> Iterator[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for each in found:
        name = f"{each.model} ({each.weights})" if weights else each.model
        cells = (
            name, each.task, each.run, each.input, units.count(each.params),
            units.count(each.params_published), units.count(each.macs), in_billions(each.macs),
            each.macs_published or "none", "yes" if each.agrees else "see below",
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def _reason(row: Row) -> str:
    check = (
        ""
        if row.macs_predicted is None
        else f" Added up that way: {units.count(row.macs_predicted)} MACs."
    )
    figures = f"{in_billions(row.macs)} here, {row.macs_published} there"
    return f"- **{row.model}**: {figures}. {row.reason}{check}"


def main(arguments: list[str]) -> None:
    """Write the table to the path given, or to its place in the repository."""
    path = Path(arguments[0]) if arguments else TABLE
    path.write_text(markdown(list(rows())), encoding="utf-8")
    print(f"Wrote {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
