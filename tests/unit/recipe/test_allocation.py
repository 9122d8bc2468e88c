import subprocess
import sys

PROGRAM = """
import resource
import numpy as np
from models.recipe.allocation import keep_freed_memory

def step():
    kept = [np.full(12 << 20, 1, np.uint8) for _ in range(3)]

def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

keep_freed_memory()
step()
before = pages()
for _ in range(5):
    step()
print(pages() - before)
"""
WITHOUT = 5 * 3 * (12 << 20) // 4096


def test_what_a_step_frees_is_there_for_the_next_one() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < WITHOUT // 100, "pages that the kernel had to hand out again"
