"""Paths: torch's optimisers over a surface, held against updates by hand and hand calculations."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from explorer.errors import BadRequest
from explorer.training import paths, race, surfaces, updates
from explorer.training.paths_records import Path, Settings
from explorer.training.recipe_knobs import OPTIMISERS

RATES = {"adadelta": 20.0, "adagrad": 0.3}


def way(surface: str, optimiser: str, rate: float, **settings: object) -> Path:
    """One optimiser's way from the surface's first start."""
    given = {"start": surfaces.find(surface).starts[0].at, **settings}
    return paths.paths(surface, [(optimiser, rate)], Settings(**given)).paths[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("surface", ["turned", "rosenbrock", "noisy", "direction"])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_every_step_is_the_rule_by_hand(optimiser: str, surface: str, decay: float) -> None:
    """The hand-written update makes each row from the one before it: place and memory alike."""
    rate = RATES.get(optimiser, 0.5 * surfaces.find(surface).rate)
    settings = Settings(
        surfaces.find(surface).starts[0].at, 60, weight_decay=decay, noise=0.2, seed=3
    )
    path = paths.paths(surface, [(optimiser, rate)], settings).paths[0]
    assert path.broke is None
    for step in range(1, path.steps + 1):
        done = updates.update(path, settings, step)
        assert done.place == pytest.approx(path.positions[step], rel=1e-9, abs=1e-12)
        assert set(done.state) == {each.name for each in path.state}
        for each in path.state:
            assert done.state[each.name] == pytest.approx(each.values[step], rel=1e-9, abs=1e-14)


@pytest.mark.parametrize(
    ("optimiser", "make"),
    [
        ("sgd", lambda p: torch.optim.SGD(p, lr=0.03)),
        ("nesterov", lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.8, nesterov=True)),
        ("adagrad", lambda p: torch.optim.Adagrad(p, lr=0.03)),
        ("adadelta", lambda p: torch.optim.Adadelta(p, lr=0.03, rho=0.95)),
        ("rmsprop", lambda p: torch.optim.RMSprop(p, lr=0.03, alpha=0.95)),
        ("adamw", lambda p: torch.optim.AdamW(p, lr=0.03, betas=(0.8, 0.95), weight_decay=0.0)),
        ("radam", lambda p: torch.optim.RAdam(p, lr=0.03, betas=(0.8, 0.95))),
    ],
)
def test_paths_are_torchs_own(optimiser: str, make: object) -> None:
    """An ordinary loop with autograd and torch's optimiser walks the same way."""
    given = way("beale", optimiser, 0.03, steps=40, momentum=0.8, second_moment=0.95)
    point = torch.tensor(given.positions[:1], requires_grad=True)
    stepping = make([point])  # type: ignore[operator]
    for row in given.positions[1:]:
        stepping.zero_grad()
        x, y = point[0]
        loss = sum((c - x + x * y**k) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)))
        loss.backward()  # type: ignore[union-attr]
        stepping.step()
        assert point.detach().numpy()[0] == pytest.approx(row, rel=1e-9)


def test_gradient_descent_on_the_bowl_by_hand() -> None:
    """Each step multiplies the place by 1 - rate; the loss by its square."""
    path = way("bowl", "sgd", 0.25, steps=8, start=(-4.0, 2.0))
    shrink = 0.75 ** np.arange(9)
    assert path.positions[:, 0] == pytest.approx(-4 * shrink)
    assert path.losses == pytest.approx(10 * shrink**2)
    assert path.gradients[:, 1] == pytest.approx(2 * shrink), "what a step is made of"
    assert path.state == ()


def test_adams_first_step_is_the_learning_rate() -> None:
    """Whatever the gradient's size: both means are corrected for their start (Kingma and Ba)."""
    path = way("rosenbrock", "adam", 0.01, steps=1)
    assert np.abs(np.diff(path.positions, axis=0)) == pytest.approx(0.01, rel=1e-6)


def test_momentum_remembers() -> None:
    """The velocity after two steps on the bowl, by hand: 0.9 v + g."""
    path = way("bowl", "momentum", 0.1, steps=2, start=(1.0, 0.0))
    (velocity,) = path.state
    assert velocity.name == "momentum_buffer"
    assert velocity.values[:, 0] == pytest.approx([0, 1.0, 0.9 * 1.0 + 0.9])


def test_adamp_turns_without_growing() -> None:
    """Where only the direction counts, AdamP's weights stay shorter than Adam's (Heo et al.)."""
    adam, adamp = way("direction", "adam", 0.1), way("direction", "adamp", 0.1)
    lengths = [np.linalg.norm(each.positions, axis=1) for each in (adam, adamp)]
    assert lengths[1][-1] < lengths[0][-1]
    assert np.diff(lengths[1]).min() > -1e-9


def test_noise_is_the_same_for_all_and_for_ever() -> None:
    """At the same place two optimisers are given the same gradient; another seed, another one."""
    settings = Settings((1.0, 1.0), 5, noise=0.5, seed=7)
    both = paths.paths("bowl", [("sgd", 0.1), ("adam", 0.1)], settings).paths
    assert both[0].gradients[0] == pytest.approx(both[1].gradients[0])
    assert both[0].gradients[0] != pytest.approx([1.0, 1.0])
    again = paths.paths("bowl", [("sgd", 0.1)], settings).paths[0]
    assert np.array_equal(again.positions, both[0].positions)
    other = paths.paths("bowl", [("sgd", 0.1)], Settings((1.0, 1.0), 5, noise=0.5, seed=8)).paths[0]
    assert not np.array_equal(other.positions, both[0].positions)


def test_what_runs_off_ends_there() -> None:
    """Only finite numbers are kept, and the step is told with which they stopped."""
    path = way("beale", "sgd", 1.0, steps=100, start=(4.0, 4.0))
    assert path.broke == path.steps + 1
    assert path.steps < 10
    assert np.isfinite(path.losses).all()
    assert np.isfinite(path.positions).all()


def test_a_sweep_finds_the_best_rate() -> None:
    """On the bowl gradient descent with rate one arrives with a single step; above two, never."""
    swept = paths.sweep("bowl", ["sgd"], [0.1, 1.0, 2.5], 1e-6, Settings((3.0, 1.0), 50))
    assert swept.steps[0][1:] == (1, None)
    assert swept.best("sgd") == (1.0, 1)


@pytest.mark.parametrize(
    ("surface", "chosen", "settings", "word"),
    [
        ("everest", [("sgd", 0.1)], Settings((0, 0)), "surface"),
        ("bowl", [("lion", 0.1)], Settings((0, 0)), "lion"),
        ("bowl", [("sgd", -1.0)], Settings((0, 0)), "Learning rate"),
        ("bowl", [("sgd", 0.1)], Settings((0, 0), 10**6), "steps"),
        ("bowl", [("sgd", 0.1)], Settings((0, float("nan"))), "finite"),
        ("bowl", [("sgd", 0.1)], Settings((0, 0), noise=-1.0), "noise"),
        ("bowl", [("nesterov", 0.1)], Settings((0, 0), momentum=0.0), "momentum"),
        ("direction", [("sgd", 0.1)], Settings((0.0, 0.0)), "start"),
    ],
)
def test_nonsense_is_refused(
    surface: str, chosen: list[tuple[str, float]], settings: Settings, word: str
) -> None:
    """One sentence that names what is wrong."""
    with pytest.raises(BadRequest, match=word):
        paths.paths(surface, chosen, settings)


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "nesterov"])
@pytest.mark.parametrize("momentum", [0.3, 0.9])
@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_the_limit_is_where_it_tips(optimiser: str, momentum: float, decay: float) -> None:
    """Just below the limit the way along the steep axis shrinks, just above it grows."""
    ground = surfaces.find("ravine")
    settings = Settings((0.0, 1.0), 1000, momentum=momentum, weight_decay=decay)
    known = race.limit(optimiser, ground, settings)
    assert known is not None
    assert known.exact
    below, above = paths.paths(
        "ravine", [(optimiser, 0.99 * known.value), (optimiser, 1.01 * known.value)], settings
    ).paths
    assert np.abs(below.positions[-50:, 1]).max() < 0.1
    assert np.abs(above.positions[-50:, 1]).max() > 10


def test_all_ten_take_no_time() -> None:
    """A hundred steps of each in a sixth of a second of the processor's: a slider may follow."""
    times = []
    for _ in range(3):
        begun = time.process_time()
        paths.paths("ravine", [(name, 0.05) for name in OPTIMISERS], Settings((-3.6, 1.6), 100))
        times.append(time.process_time() - begun)
    assert min(times) < 0.16, times
