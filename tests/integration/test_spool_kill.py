"""A spool whose process is killed at any moment."""

import random
import subprocess
import sys
from pathlib import Path

from edge_vsr.uplink.spool import Spool
from tests.unit.uplink.segments import segment

KILLS = 20
PUTTER = """
import sys
from pathlib import Path
from edge_vsr.uplink.spool import Spool
from tests.unit.uplink.segments import segment

spool = Spool(Path(sys.argv[1]))
for sequence in range(int(sys.argv[2]), 10_000):
    spool.put(segment(sequence, 20_000))
    print(sequence, flush=True)
"""


def test_what_put_has_returned_from_survives_kill_9_whole(tmp_path: Path) -> None:
    rng = random.Random(1)
    stored: set[int] = set()
    root = Path(__file__).parents[2]
    for _ in range(KILLS):
        began = max(stored, default=-1) + 1
        with subprocess.Popen(
            [sys.executable, "-c", PUTTER, str(tmp_path), str(began)], stdout=subprocess.PIPE, text=True, cwd=root
        ) as child:
            assert child.stdout is not None
            first = child.stdout.readline()
            killer = subprocess.Popen(["sh", "-c", f"sleep {rng.uniform(0.0, 0.1)}; kill -9 {child.pid}"])
            rest = child.stdout.read()
            killer.wait()
        assert child.returncode == -9
        # The last line may be cut; what was said in full counts.
        stored.update(int(line) for line in (first + rest).splitlines(keepends=True) if line.endswith("\n"))
        with Spool(tmp_path) as spool:
            found = {one.sequence for one in spool.pending()}
            assert found >= stored
            # One more may be whole without having been said.
            assert found <= stored | {max(stored) + 1}
            stored = found
            for one in spool.pending():
                assert (tmp_path / one.name).read_bytes() == segment(one.sequence, 20_000).data
            visible = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
            assert visible == {name for one in spool.pending() for name in (one.name, one.name + ".json")}
