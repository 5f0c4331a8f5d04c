"""What the tests of this folder share."""

from __future__ import annotations

import pytest

from credkit.dids import Resolver
from tests.credkit.dids.school import Clock
from tests.support.fakeweb import FakeWeb


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def web() -> FakeWeb:
    return FakeWeb(allow_loopback=True)


@pytest.fixture
def resolver(web: FakeWeb, clock: Clock) -> Resolver:
    return Resolver(web, clock)
