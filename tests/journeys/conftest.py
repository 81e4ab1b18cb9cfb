"""Deployments on a small world: fresh for each journey, or one for a whole file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kamsync.testing.world import World
from kamsync.testing.world_make import make_world
from tests.journeys.deployment import Deployment, set_up, take_down, today


@pytest.fixture(scope="session")
def small_world() -> World:
    return make_world(today(), companies=30, both=8)


@pytest.fixture
def deploy(tmp_path: Path, small_world: World) -> Iterator[Callable[..., Deployment]]:
    """A fresh deployment; the arguments are those of `Deployment.configure`."""
    made: list[Deployment] = []

    def make(**config: object) -> Deployment:
        made.append(set_up(tmp_path / f"deployment{len(made)}", small_world, **config))
        return made[-1]

    yield make
    for deployment in made:
        take_down(deployment)
