"""For all unit tests: what hypothesis may take on a busy machine, and a folder that is not on its disk."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

settings.register_profile("unit", deadline=None, max_examples=50)
settings.load_profile("unit")


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder where a sync takes no time, for tests that store much: a busy disk can take seconds for each."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
