"""`module:callable`: let in by configuration or program only, and every mishap one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.anatomy import dissect
from explorer.errors import BadRequest, BuildFailed, UnknownModel
from explorer.zoo import build, user_models

SOURCE = '''
import torch
from torch import nn

def small():
    """A convolution
    and a classifier.

    Not part of the summary.
    """
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))

small.input_shape = (1, 28, 28)

def plain():
    return nn.Conv2d(3, 8, 3)

def wrong():
    return 3

def broken():
    raise RuntimeError("the file\\nis missing")

def leaves():
    raise SystemExit("bye")

class Normalised(nn.Module):
    """Scales its weights by their own sum while it is built."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(3, 1, 1))
        self.scale = 1 / self.weight.sum().item()

    def forward(self, x):
        return x * self.weight * self.scale

class Silent(nn.Module):
    def forward(self, x):
        return x

ready = nn.Conv2d(3, 8, 3)

class holder:
    inner = plain

def odd():
    return nn.Identity()

odd.input_shape = "28"
'''


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of the user's, importable, and nothing let in yet."""
    (tmp_path / "users_own.py").write_text(SOURCE)
    (tmp_path / "users_broken.py").write_text("import nowhere_to_be_found")
    (tmp_path / "users_exit.py").write_text("raise SystemExit(3)")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(user_models, "_allowed", set())
    monkeypatch.delenv("CONVZOO_MODELS", raising=False)


def allowed(name: str) -> str:
    """Let a name in and return it."""
    user_models.allow(name)
    return name


@pytest.mark.parametrize("make", [build.card, build.network, build.real_network, dissect])
def test_names_nobody_let_in_are_unknown_and_never_imported(make: object) -> None:
    """Whatever the web page asks for."""
    with pytest.raises(UnknownModel, match="CONVZOO_MODELS"):
        make("users_exit:anything")  # type: ignore[operator]


def test_the_configuration_lets_exact_names_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed name works; the same with another shape does not."""
    monkeypatch.setenv("CONVZOO_MODELS", "users_own:small,users_own:plain@3x8x8")
    assert build.card("users_own:small").params == 4 * 10 + 27_050
    assert build.card("users_own:plain@3x8x8").input_shape == (3, 8, 8)
    with pytest.raises(UnknownModel):
        build.card("users_own:plain")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("users_own:small", (1, 28, 28)),
        ("users_own:small@1x32x32", (1, 32, 32)),
        ("users_own:plain", (3, 224, 224)),
        ("users_own:plain@3x16x64x64", (3, 16, 64, 64)),
    ],
)
def test_the_input_shape_is_the_name_s_the_callable_s_or_the_default(
    name: str, shape: tuple[int, ...]
) -> None:
    """In this order."""
    assert user_models.draft(allowed(name)).input_shape == shape


def test_the_card_quotes_the_author() -> None:
    """The first paragraph of the docstring; not one inherited from nn.Module."""
    assert build.card(allowed("users_own:small")).idea == "A convolution and a classifier."
    assert "Base class" not in build.card(allowed("users_own:Silent")).idea


def test_a_constructor_that_needs_its_numbers_is_built_with_them() -> None:
    """Building without initialising fails on it; it works all the same."""
    model = build.network(allowed("users_own:Normalised"))
    assert model.weight.is_meta
    assert model.scale > 0


def test_a_ready_module_is_copied() -> None:
    """Evaluation mode and device of the user's own object stay as they are."""
    model = build.network(allowed("users_own:ready"))
    import users_own  # noqa: PLC0415 - exists only within the test

    assert model is not users_own.ready
    assert not users_own.ready.weight.is_meta
    assert users_own.ready.training


def test_a_callable_within_a_class_is_found() -> None:
    """Dots lead on."""
    assert build.network(allowed("users_own:holder.inner")).out_channels == 8


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("users_own:wrong", BuildFailed, "returned int"),
        ("users_own:broken", BuildFailed, "RuntimeError: the file is missing"),
        ("users_own:leaves", BuildFailed, "SystemExit: bye"),
        ("users_exit:net", BuildFailed, "SystemExit: 3"),
        ("users_own:nothing", UnknownModel, "leads nowhere"),
        ("users_broken:net", UnknownModel, "nowhere_to_be_found"),
        ("not_there_at_all:net", UnknownModel, "leads nowhere"),
        ("users_own:odd", BadRequest, "input shape"),
    ],
)
def test_mishaps_give_one_sentence(name: str, error: type[Exception], message: str) -> None:
    """What went wrong, and where."""
    with pytest.raises(error, match=message):
        build.card(allowed(name))


@pytest.mark.parametrize(
    "name", ["users_own", "users_own:", ":net", "a b:c", "m:f@3", "m:f@3x0x8", "m:f@-1x2x3"]
)
def test_other_forms_are_refused(name: str) -> None:
    """Before anything is imported, or with the shape."""
    with pytest.raises(BadRequest):
        build.card(allowed(name))


def test_it_can_be_taken_apart() -> None:
    """As any model: by hand, 26 * 26 * 4 * 9 + 2,704 * 10 multiply-adds."""
    anatomy = dissect(allowed("users_own:small"))
    assert anatomy.macs == 26 * 26 * 4 * 9 + 2_704 * 10
