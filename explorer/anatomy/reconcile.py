"""Why do other tools say something else about a model than we do?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import torch
import torchinfo
from torchvision import models

from explorer import units
from explorer.anatomy import torchinfo_view
from explorer.anatomy.conventions import RULES
from explorer.anatomy.dissection import checked_size, dissect
from explorer.anatomy.merit_records import Agreement, Comparison, Quantity, Reconciliation
from explorer.anatomy.proposals import explained
from explorer.anatomy.published import Figure, figures
from explorer.anatomy.trace import Tracer, recording
from explorer.errors import BadRequest
from explorer.progress import Progress, silent
from explorer.zoo import build, torchvision_models
from explorer.zoo.skeleton import without_initialising

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard, Weights

TORCHVISION = "https://docs.pytorch.org/vision/stable/models.html"
TORCHINFO = f"torchinfo {torchinfo.__version__}, https://github.com/TylerYep/torchinfo"
CONVENTION = (
    "Here a MAC is one multiplication with its addition, counted in convolutions, fully connected "
    "layers, matrix products and attention; biases, normalisation, activations and pooling count 0."
)
_EQUAL = "The same digits."
_CUT_OFF = "The same digits, cut off instead of rounded."
_ROUNDED_UP = "The same up to the last printed digit, which is rounded up."


def reconcile(
    model: str, *, size: int | tuple[int, int] | None = None, progress: Progress = silent
) -> Reconciliation:
    """Compare our counts of a model of the zoo with torchvision's, torchinfo's and the papers'.

    Each outside figure is compared at the input it was given for; torchinfo is run at `size`
    (default: the size the default weights are evaluated at). Raises UnknownModel, and BadRequest
    for a size the network cannot take.
    """
    progress(0.0, "Counting")
    card = build.card(model)
    anatomy = dissect(model, size=checked_size(size))
    if anatomy.failure is not None:
        raise BadRequest(f"{card.title} cannot run on this input: {anatomy.failure.message}")
    usual = anatomy if size is None else dissect(model)
    progress(0.3, "Asking torchinfo")
    text, note, theirs = _torchinfo(card, checked_size(size))
    rows = [
        *(row for each in card.weights for row in _torchvision(card, each, usual)),
        *(_torchinfo_rows(anatomy, theirs) if theirs else ()),
        *(_outside(usual, each) for each in figures(model)),
    ]
    progress(1.0, "Done")
    return Reconciliation(
        model=model,
        title=card.title,
        input_shapes=anatomy.input_shapes,
        params=anatomy.params,
        macs=anatomy.macs,
        rows=tuple(rows),
        torchinfo=text,
        torchinfo_note=note,
        notes=(CONVENTION, *anatomy.run.assumptions, *card.differs),
    )


def _setting(anatomy: Anatomy) -> str:
    return " and ".join(units.shape(each) for each in anatomy.input_shapes)


def _comparison(
    anatomy: Anatomy,
    *,
    tool: str,
    quantity: Quantity,
    printed: str,
    theirs: int,
    source: str,
    agreement: Agreement,
    explanation: str,
    predicted: int | None = None,
) -> Comparison:
    ours = {"parameters": anatomy.params, "MACs": anatomy.macs, "FLOPs": 2 * anatomy.macs}[quantity]
    return Comparison(
        tool=tool,
        quantity=quantity,
        setting=_setting(anatomy),
        printed=printed,
        theirs=theirs,
        ours=ours,
        difference=theirs - ours,
        agreement=agreement,
        explanation=explanation,
        source=source,
        predicted=predicted,
    )


def _torchvision(card: ModelCard, weights: Weights, usual: Anatomy) -> list[Comparison]:
    """What torchvision publishes about one set of weights, at that set's own input size."""
    if card.source != "torchvision":
        return []
    anatomy = at_weights(card, weights, usual)
    of = partial(_comparison, anatomy, tool=f"torchvision ({weights.name})", source=TORCHVISION)
    same = weights.params == anatomy.params
    rows = [
        of(
            quantity="parameters",
            printed=units.count(weights.params),
            theirs=weights.params,
            agreement="equal" if same else "different",
            explanation=_EQUAL
            if same
            else "These weights belong to a network with other heads than the default one.",
        )
    ]
    if weights.macs is not None:
        rows.append(_torchvision_macs(of, anatomy, weights.macs))
    return rows


def at_weights(card: ModelCard, weights: Weights, usual: Anatomy) -> Anatomy:
    """The anatomy at these weights' own input size; `usual` is that of the default weights."""
    size = weights.input_size
    if size in (None, card.input_size):
        return usual
    if weights.params == usual.params:
        return dissect(card.name, size=size)
    # A vision transformer has a position embedding for every patch of one size of picture.
    chosen = models.get_model_weights(card.name)[weights.name]
    with without_initialising():
        network = torchvision_models.construct(card.name, chosen)
    shape = (1, *card.input_shape[:-2], *size)
    return dissect(network.eval(), inputs=torch.empty(shape, device="meta"))


def _torchvision_macs(of: partial[Comparison], anatomy: Anatomy, macs: float) -> Comparison:
    """Compare with `_ops`, printed in units of 10^9 with three decimals."""
    printed = f"{macs / 1e9:.3f}"
    row = partial(of, quantity="MACs", printed=f'{printed} "GFLOPS"', theirs=round(macs))
    if f"{anatomy.macs / 1e9:.3f}" == printed:
        return row(
            agreement="equal",
            explanation=f'{_EQUAL} torchvision says "GFLOPS" and counts multiply-adds.',
        )
    reason = explained(anatomy, printed)
    if reason is None:
        return row(agreement="different", explanation="The reason is not known.")
    return row(agreement="explained", explanation=reason.sentence, predicted=reason.macs)


def _torchinfo(
    card: ModelCard, size: tuple[int, int] | None
) -> tuple[str, str, torchinfo.ModelStatistics | None]:
    """Its summary as text, how it was obtained, and its numbers (None where it fails)."""
    note = "Run without numbers, on the meta device: torchinfo looks at shapes only."
    network = build.network(card.name)
    inputs = list(build.example_inputs(card, size, 1, "meta"))
    summary = partial(torchinfo.summary, network, input_data=inputs, depth=100, verbose=0)
    try:
        if card.task != "detection":
            found = summary()
        else:
            note += " Choices that depend on the picture are assumed as in our own count."
            with recording(Tracer(network, assume=True)):
                found = summary()
    except RuntimeError as error:
        return "", f"torchinfo cannot run this network: {error.__cause__ or error}", None
    return str(found), note, found


def _torchinfo_rows(
    anatomy: Anatomy, theirs: torchinfo.ModelStatistics
) -> tuple[Comparison, Comparison]:
    of = partial(_comparison, anatomy, tool="torchinfo", source=TORCHINFO)
    params, macs = int(theirs.total_params), int(theirs.total_mult_adds)
    predicted = torchinfo_view.mult_adds(anatomy)
    known = torchinfo_view.differences(anatomy)
    parts = [f"{units.short(abs(each))} {_sign(each)}: {why}" for why, each in known.items()]
    rest = macs - predicted
    if rest:
        parts.append(f"{units.short(abs(rest))} {_sign(rest)}: not explained by our rows")
    return (
        of(
            quantity="parameters",
            printed=units.count(params),
            theirs=params,
            agreement="equal" if params == anatomy.params else "different",
            explanation=_EQUAL
            if params == anatomy.params
            else "torchinfo leaves out parameters of modules that the forward pass never called.",
        ),
        of(
            quantity="MACs",
            printed=units.count(macs),
            theirs=macs,
            agreement=_agreement(macs == anatomy.macs, not rest),
            explanation="; ".join(parts) + "." if parts else _EQUAL,
            predicted=predicted,
        ),
    )


def _sign(number: int) -> str:
    return "more" if number > 0 else "fewer"


def _agreement(equal: bool, explained_: bool) -> Agreement:
    if equal:
        return "equal"
    return "explained" if explained_ else "different"


def _outside(anatomy: Anatomy, figure: Figure) -> Comparison:
    """Compare with a paper, Keras or a counting tool, by its rule where it has one."""
    rule = RULES.get(figure.rule)
    predicted = rule.count(anatomy) if rule else None
    of = partial(
        _comparison,
        anatomy,
        tool=figure.tool,
        quantity=figure.quantity,
        printed=figure.printed,
        theirs=figure.value,
        source=figure.source,
        predicted=predicted,
    )
    row = of(agreement="equal", explanation=figure.note or _EQUAL)
    if figure.agrees_with(row.ours):
        cut = figure.cuts_off(row.ours)
        how = _CUT_OFF if figure.value < row.ours else _ROUNDED_UP
        return replace(row, explanation=how) if cut and not figure.note else row
    fits = predicted is not None and figure.agrees_with(predicted)
    sentences = [rule.sentence] if rule else []
    return of(
        agreement="explained" if fits or figure.note else "different",
        explanation=" ".join([*sentences, figure.note]).strip() or "The reason is not known.",
    )
