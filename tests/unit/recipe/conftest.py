"""The recipe's tests need what the recipe needs: the extra of that name."""

import importlib.util
import os
from collections.abc import Iterator

import pytest

# Threads that wait for each other on a busy machine take minutes for what one of them does in seconds.
os.environ.setdefault("OMP_NUM_THREADS", "1")

MISSING = [name for name in ("torch", "onnx", "matplotlib") if importlib.util.find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    if not MISSING:
        return []
    return [f"tests/unit/recipe: left out, {', '.join(MISSING)} not installed; run: pip install -e '.[recipe]'"]


@pytest.fixture(autouse=True)
def _denormal_numbers_after() -> Iterator[None]:
    """`train` takes them for zero in its whole process, which may have other tests to run."""
    yield
    import torch  # where it is missing this file is read too

    torch.set_flush_denormal(False)
