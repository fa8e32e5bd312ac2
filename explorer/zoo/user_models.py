"""`module:callable`: networks of the user's own, which the configuration or a program let in.

Importing a module runs its code, so a name is only followed when CONVZOO_MODELS lists it or
`allow` was called with it in this process; a name that comes from a web page never is.
"""

from __future__ import annotations

import copy
import datetime
import importlib
import inspect
import re
from typing import TYPE_CHECKING, Any

from torch import nn

from explorer import config
from explorer.errors import BadRequest, BuildFailed, UnknownModel
from explorer.zoo.cards import ModelCard, Paper

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_SHAPE = (3, 224, 224)

_FORM = re.compile(
    r"(?P<module>[\w.]+):(?P<target>[\w.]+)(@(?P<shape>[1-9]\d{0,4}(x[1-9]\d{0,4}){2,3}))?"
)

_allowed: set[str] = set()


def allow(name: str) -> None:
    """Let a model of the user's own in, for this process; raise BadRequest for another form."""
    _parsed(name)
    _allowed.add(name)


def is_allowed(name: str) -> bool:
    """Whether the configuration or a program named exactly this model."""
    return name in _allowed or name in config.user_models()


def construct(name: str) -> nn.Module:
    """Import `module` and call `callable`, which must return a module.

    A module that is there ready-made is copied. Raises UnknownModel if the name was not let in
    or leads nowhere, BuildFailed if the import or the call raises or returns something else.
    """
    target = _target(name)
    if isinstance(target, nn.Module):
        return copy.deepcopy(target)
    built = _run(name, target)
    if not isinstance(built, nn.Module):
        raise BuildFailed(
            f"{name} returned {type(built).__name__}; it has to return a torch.nn.Module."
        )
    return built


def draft(name: str) -> ModelCard:
    """Make the card of a model of the user's own; `params` and `macs` still have to be counted."""
    target = _target(name)
    title = _parsed(name)["target"]
    year = datetime.datetime.now(tz=datetime.UTC).year
    return ModelCard(
        name=name,
        title=title,
        family="Your own",
        year=year,
        idea=_first_paragraph(target) or "A network of your own.",
        paper=Paper(f"`{name}`", "Your own", year, ""),
        source="user",
        task="classification",
        input_shape=_input_shape(name, target),
        smallest=1,
        params=0,
        macs=0,
    )


def _first_paragraph(target: Any) -> str:
    """What the author says of it. A docstring that is merely inherited speaks of something else."""
    written = target.__dict__.get("__doc__") if inspect.isclass(target) else None
    if inspect.isroutine(target):
        written = target.__doc__
    return " ".join(inspect.cleandoc(written or "").partition("\n\n")[0].split())


def _parsed(name: str) -> dict[str, str]:
    found = _FORM.fullmatch(name)
    if found is None:
        raise BadRequest(
            f"A model of your own is named module:callable or module:callable@CxHxW, not {name!r}."
        )
    return {key: value or "" for key, value in found.groupdict().items()}


def _target(name: str) -> Any:
    """What the name stands for, imported."""
    if not is_allowed(name):
        raise UnknownModel(
            f"{name[:120]!r} is not among the models this program was started with; name it in "
            "CONVZOO_MODELS or on the command line."
        )
    parts = _parsed(name)
    try:
        target = _run(name, lambda: importlib.import_module(parts["module"]))
        for attribute in parts["target"].split("."):
            target = getattr(target, attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        raise UnknownModel(f"{name} leads nowhere: {error}.") from error
    return target


def _run(name: str, step: Callable[[], Any]) -> Any:
    """Run a step of the user's own code; whatever it raises becomes BuildFailed."""
    try:
        return step()
    except ModuleNotFoundError:
        raise
    except (Exception, SystemExit) as error:
        what = " ".join(str(error).split()) or "it gave no message"
        raise BuildFailed(f"Building {name} failed with {type(error).__name__}: {what}") from error


def _input_shape(name: str, target: Any) -> tuple[int, ...]:
    """The shape in the name, or the callable's own `input_shape`, or 3x224x224."""
    text = _parsed(name)["shape"]
    shape = (
        tuple(map(int, text.split("x"))) if text else getattr(target, "input_shape", DEFAULT_SHAPE)
    )
    sides = tuple(shape) if isinstance(shape, tuple | list) else ()
    if len(sides) not in {3, 4} or not all(type(side) is int and side > 0 for side in sides):
        raise BadRequest(f"The input shape of {name} must be (C, H, W), not {shape!r}.")
    return sides
