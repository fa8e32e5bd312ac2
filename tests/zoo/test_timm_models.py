"""`timm:NAME` with the optional package, and a clear sentence without it."""

from __future__ import annotations

import pytest

from explorer.anatomy import dissect
from explorer.errors import UnknownModel
from explorer.zoo import build, catalogue, timm_models

needs_timm = pytest.mark.skipif(
    not timm_models.installed(), reason="the optional package timm is not installed"
)


def test_without_timm_there_are_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty list, no error."""
    monkeypatch.setattr(timm_models, "installed", lambda: False)
    assert timm_models.names() == ()


@pytest.mark.parametrize("make", [build.card, build.network])
def test_without_timm_the_error_says_how_to_get_it(
    make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with the command."""
    monkeypatch.setattr(timm_models, "installed", lambda: False)
    with pytest.raises(UnknownModel, match=r"pip install 'convzoo\[timm\]'"):
        make("timm:resnet50")  # type: ignore[operator]


@needs_timm
def test_every_name_carries_the_prefix() -> None:
    """More than a thousand, resnet50 among them."""
    names = timm_models.names()
    assert len(names) > 1000
    assert "timm:resnet50" in names
    assert all(name.startswith("timm:") for name in names)


@needs_timm
@pytest.mark.parametrize(
    "name", ["timm:rsnet50", "timm:resnet50.nobody", "timm:hf-hub:a/b", "timm:"]
)
def test_unknown_names_and_tags_raise(name: str) -> None:
    """Nothing is ever asked of a hub."""
    with pytest.raises(UnknownModel):
        build.card(name)


@needs_timm
@pytest.mark.parametrize(
    ("timm_name", "twin"),
    [
        ("timm:resnet50.tv_in1k", "resnet50"),
        ("timm:densenet121.tv_in1k", "densenet121"),
        ("timm:vgg16.tv_in1k", "vgg16"),
        ("timm:vit_base_patch16_224", "vit_b_16"),
        ("timm:mobilenetv1_100", "mobilenet_v1"),
    ],
)
def test_counts_agree_with_the_same_network_of_the_catalogue(timm_name: str, twin: str) -> None:
    """An independent implementation has as many parameters and multiply-adds."""
    card = build.card(timm_name)
    known = catalogue.find(twin)
    assert card.params == known.params
    assert dissect(timm_name, size=224).macs == pytest.approx(known.macs, rel=1e-3)


@needs_timm
def test_a_card_takes_its_size_from_the_pretrained_configuration() -> None:
    """The default weights of timm's resnet50 are evaluated at 288 pixels, its ViT is fixed."""
    assert build.card("timm:resnet50").input_shape == (3, 288, 288)
    transformer = build.card("timm:vit_base_patch16_224")
    assert transformer.fixed_size
    assert transformer.default_weights is not None
    assert transformer.default_weights.params == transformer.params


@needs_timm
def test_networks_are_built_without_memory() -> None:
    """On the meta device, in evaluation mode."""
    model = build.network("timm:convnextv2_atto")
    assert all(each.is_meta for each in (*model.parameters(), *model.buffers()))
    assert not model.training
