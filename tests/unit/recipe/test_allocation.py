import subprocess
import sys

PROGRAM = """
import resource, sys
import numpy as np
from models.recipe.allocation import keep_freed_memory

def step():
    kept = [np.full(12 << 20, 1, np.uint8) for _ in range(3)]

if "keep" in sys.argv:
    keep_freed_memory()
for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
PAGES = 5 * 3 * (12 << 20) // 4096


def pages_cleared(*words: str) -> int:
    """How many pages the kernel hands out in five steps that need as much memory as those before."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_what_a_step_frees_is_there_for_the_next_one() -> None:
    assert pages_cleared("keep") < PAGES // 100
