"""The choice of weights: what it offers, downloads and takes, on a page of its own."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from explorer.engine import library
from explorer.errors import Cancelled
from explorer.ui import weights, work
from explorer.zoo import build, catalogue, own_weights, transfer
from explorer.zoo.cards import Weights
from explorer.zoo.weights import available, choose
from tests.zoo import own_cards
from tests.zoo.file_server import Served, serving

BODY = b"numbers" * 100_000
SECONDS = 30


def page() -> None:
    """A page that has nothing but the model's picker and its weights."""
    import streamlit as st  # noqa: PLC0415 - AppTest runs the body alone

    from explorer.ui import address, pickers, weights  # noqa: PLC0415

    address.begin("scratch")
    pickers.model()
    st.session_state["used"] = weights.choose(pickers.current_model())
    address.complaints()
    address.end()


class InProcess:
    """The engine's calls, run here: no lane has to start, and a patched catalogue is seen."""

    def call(
        self, name: str, *args: Any, progress: Any, cancel: threading.Event, timeout: float
    ) -> Any:
        """Run the library function."""

        def told(fraction: float, sentence: str) -> None:
            if cancel.is_set():
                raise Cancelled("Cancelled.")
            progress(fraction, sentence)

        function = library.function_of(library.CALLS[name].target)
        return function(*args, told) if name == "zoo.download" else function(*args)


@pytest.fixture(autouse=True)
def torch_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Empty folders, and an engine that is this process."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(transfer, "PAUSES", ())
    monkeypatch.setattr(work, "connect", InProcess)
    monkeypatch.setattr(work, "_is_there", lambda _: True)
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server to which SqueezeNet 1.0's card points."""
    digest = hashlib.sha256(BODY).hexdigest()[:8]
    with serving(Served(BODY)) as served:
        card = catalogue.find("squeezenet1_0")
        fields = Weights.__dataclass_fields__
        values = {name: getattr(card.weights[0], name) for name in fields}
        values["url"] = f"{served.url.rpartition('/')[0]}/squeezenet1_0-{digest}.pth"
        values["megabytes"] = len(BODY) / 2**20
        cards = {name: getattr(card, name) for name in type(card).__dataclass_fields__}
        changed = type(card)(**cards | {"weights": (Weights(**values),)})
        known = {each.name: each for each in catalogue.cards()} | {card.name: changed}
        monkeypatch.setattr(catalogue, "_by_name", lambda: known)
        yield served


def opened(**asked: str) -> AppTest:
    """The page, opened by a link."""
    app = AppTest.from_function(page, default_timeout=SECONDS)
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def until(app: AppTest, arrived: Callable[[], bool]) -> None:
    """Draw the page again until something is there."""
    deadline = time.monotonic() + SECONDS
    while not arrived():
        assert time.monotonic() < deadline, "it never came"
        assert not app.exception
        time.sleep(0.05)
        app.run()


def used(app: AppTest) -> str:
    """The key the page would work with."""
    return str(app.session_state["used"])


def test_where_nothing_is_here_one_click_leads_to_what_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The best trained here; not where weights were only passed over."""
    own_cards.write(tmp_path, "plain20", 78.0)
    own_cards.write(tmp_path, "lenet5", 99.0)
    monkeypatch.setattr(own_weights, "folder", lambda: tmp_path)
    app = opened(model="resnet50")
    assert "Its weights are here: trained by this project, 78.0 % top-1" in app.caption[1].value
    press(app, "Use Plain-20")
    assert app.selectbox(key="model").value == "plain20"
    assert used(app) == "convzoo"
    app.selectbox(key="weights").select("random").run()
    assert not buttons(app)


def press(app: AppTest, label: str) -> None:
    """Click the button whose label begins like this."""
    next(each for each in app.button if each.label.startswith(label)).click().run()


def top1() -> float:
    """What LeNet-5's card says."""
    own = own_weights.own("lenet5")
    assert own is not None
    return own.top1


def buttons(app: AppTest) -> list[str]:
    """The labels of all buttons."""
    return [each.label for each in app.button]


def test_our_own_weights_are_chosen_and_say_so() -> None:
    """LeNet-5: nothing to download, nothing to warn of, a clean address."""
    app = opened(model="lenet5")
    assert used(app) == "convzoo"
    assert app.selectbox(key="weights").options == [
        f"MNIST · trained by ConvZoo · {top1():.1f} % top-1",
        "Random weights",
    ]
    assert not app.warning
    assert not buttons(app)
    assert "weights" not in app.query_params


def test_random_weights_are_warned_of_and_stand_in_the_address() -> None:
    """The warning is one visible sentence."""
    app = opened(model="lenet5")
    app.selectbox(key="weights").select("random").run()
    assert used(app) == "random"
    assert [each.value for each in app.warning] == [available(catalogue.find("lenet5"))[-1].note]
    assert app.query_params["weights"] == "random"


def test_where_only_random_weights_are_here_the_published_ones_are_offered() -> None:
    """Size in decimal megabytes, accuracy and licence beside the button."""
    app = opened(model="resnet50")
    assert used(app) == "random"
    assert buttons(app)[0] == "Download 103 MB"
    assert "80.86 % top-1 on ImageNet-1K, as torchvision measured it." in app.caption[0].value
    assert "ImageNet is for non-commercial research" in app.caption[0].value
    # 97.79 MB of 2^20 bytes are 102.5 of 10^6.
    assert "ImageNet-1K · V2 · 80.9 % top-1 · ↓ 103 MB" in app.selectbox(key="weights").options


def test_a_link_to_weights_that_are_not_here_offers_them() -> None:
    """They stay chosen, and random ones stand in with their warning."""
    app = opened(model="resnet50", weights="IMAGENET1K_V1")
    assert app.selectbox(key="weights").value == "IMAGENET1K_V1"
    assert used(app) == "random"
    assert buttons(app)[0] == "Download 103 MB"
    assert len(app.warning) == 1


def test_what_is_on_disk_is_used(torch_home: Path) -> None:
    """Nothing is offered and nothing warned of."""
    (torch_home / "resnet50-0676ba61.pth").write_bytes(b"numbers")
    app = opened(model="resnet50")
    assert used(app) == "IMAGENET1K_V1"
    assert "ImageNet-1K · V1 · 76.1 % top-1 · torchvision" in app.selectbox(key="weights").options
    assert not app.warning
    assert not buttons(app)


@pytest.mark.parametrize("asked", ["BEST", "file:0123", "http://127.0.0.1/evil.pth"])
def test_a_link_to_weights_that_do_not_exist_is_a_sentence(asked: str) -> None:
    """The usual ones are used, and the address is put right."""
    app = opened(model="lenet5", weights=asked)
    assert used(app) == "convzoo"
    assert len(app.warning) == 1
    assert asked in app.warning[0].value
    assert app.warning[0].value.endswith("used instead: MNIST · trained by ConvZoo.")
    assert "weights" not in app.query_params


def test_weights_are_forgotten_with_their_model() -> None:
    """Random ones of one network are not random ones of the next."""
    app = opened(model="lenet5", weights="random")
    assert used(app) == "random"
    app.selectbox(key="model").select("lenet5_partial").run()
    assert used(app) == "random"
    app.selectbox(key="model").select("lenet5").run()
    assert used(app) == "convzoo"


def test_detectors_have_no_choice() -> None:
    """Only the warning is drawn."""
    app = opened(model="ssd300_vgg16")
    assert used(app) == "random"
    assert [each.key for each in app.selectbox] == ["model"]
    assert len(app.warning) == 1


def test_a_download_ends_with_its_weights_chosen(server: Served, torch_home: Path) -> None:
    """Progress while it runs; then the file is there, chosen, and nothing is offered."""
    server.pause = 0.1
    app = opened(model="squeezenet1_0")
    press(app, "Download ")
    assert "Cancel" in buttons(app)
    until(app, lambda: used(app) == "IMAGENET1K_V1")
    assert [path.read_bytes() for path in torch_home.iterdir()] == [BODY]
    assert not buttons(app)
    assert not app.warning


def test_a_download_can_be_cancelled_and_gone_on_with(server: Served, torch_home: Path) -> None:
    """The page says that it was stopped, and how much is here already."""
    server.pause = 0.2
    app = opened(model="squeezenet1_0")
    press(app, "Download ")
    until(app, lambda: any(path.stat().st_size > 200_000 for path in torch_home.iterdir()))
    press(app, "Cancel")
    until(app, lambda: "Try again" in buttons(app))
    assert app.info[0].value == "Stopped before it was done."
    server.pause = 0.0
    press(app, "Try again")
    assert "of it are here already" in app.caption[0].value
    press(app, "Download ")
    until(app, lambda: used(app) == "IMAGENET1K_V1")
    assert server.asked[1].startswith("bytes=")


def test_a_failed_download_is_a_sentence(server: Served, torch_home: Path) -> None:
    """With the file's name and the folder to put it in."""
    server.statuses = [404]
    app = opened(model="squeezenet1_0")
    press(app, "Download ")
    until(app, lambda: bool(app.error))
    assert "answers 404" in app.error[0].value
    assert str(torch_home) in app.error[0].value
    assert used(app) == "random"


def checkpoint(model: str) -> bytes:
    """What torch.save writes of a network."""
    buffer = io.BytesIO()
    torch.save(build.real_network(model).half().state_dict(), buffer)
    return buffer.getvalue()


def test_a_checkpoint_that_fits_is_chosen() -> None:
    """With what was done to it, and a key that a link may hold."""
    app = opened(model="lenet5")
    app.session_state["weights_open"] = True
    app.run()
    app.file_uploader(key="weights_file").upload(
        "mine.pth", checkpoint("lenet5"), "application/octet-stream"
    ).run()
    until(app, lambda: used(app).startswith("file:"))
    assert "Your checkpoint · mine.pth" in app.selectbox(key="weights").options
    assert any("float16 and became float32" in each.value for each in app.caption)
    assert app.query_params["weights"] == used(app)
    assert choose(catalogue.find("lenet5"), used(app)).kind == "yours"


def test_a_checkpoint_that_does_not_fit_is_a_sentence() -> None:
    """The weights before stay."""
    app = opened(model="lenet5")
    app.session_state["weights_open"] = True
    app.run()
    app.file_uploader(key="weights_file").upload(
        "other.pth", checkpoint("squeezenet1_1"), "application/octet-stream"
    ).run()
    until(app, lambda: bool(app.error))
    assert app.error[0].value.startswith("other.pth: It does not fit LeNet-5: ")
    assert "it looks like SqueezeNet 1.1" in app.error[0].value
    assert used(app) == "convzoo"


def test_details_name_file_folder_accuracy_and_licence(torch_home: Path) -> None:
    """For those on disk, those that are not, and our own."""
    card = catalogue.find("resnet50")
    absent = weights.details(available(card)[0])
    assert f"`resnet50-11ad3fa6.pth`, 103 MB, looked for in `{torch_home}`." in absent
    assert "80.86 % top-1 on ImageNet-1K, as torchvision measured it." in absent
    assert absent.endswith(available(card)[0].licence)
    own = weights.details(available(catalogue.find("lenet5"))[0])
    assert f"{top1():.2f} % top-1 on MNIST, as this project measured it." in own
    assert "CC BY-SA 3.0" in own
    assert weights.details(available(card)[-1]) == available(card)[-1].note
