"""For all unit tests: what hypothesis may take on a busy machine, and a folder that outlives a test's threads."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unit", deadline=None, max_examples=50)
settings.register_profile("emulated", deadline=None, max_examples=5)
settings.load_profile("unit")

LEFT_HANGING = 30.0
"""Seconds that a thread which a test left hanging may take to end once it is freed."""


@pytest.fixture
def quick_path(quick_path: Path) -> Iterator[Path]:
    """It goes once no thread of the test is left that could write into it."""
    others = set(threading.enumerate())
    yield quick_path
    for thread in set(threading.enumerate()) - others:
        thread.join(LEFT_HANGING)
        assert not thread.is_alive(), f"{thread.name} still runs after the test"
