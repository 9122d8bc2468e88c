"""One job, read as JSON from standard input; what it found goes to standard output. `process` runs this.

A process of its own: the peak of its memory is that of the job, and an engine that crashes takes nothing with it.
"""

import json
import sys
from dataclasses import asdict

from edge_vsr.bench.jobs import Found, Job
from edge_vsr.bench.measure import measure
from edge_vsr.errors import EdgeVsrError


def main() -> None:
    job = Job(**json.load(sys.stdin))
    try:
        found = measure(job)
    except EdgeVsrError as error:
        found = Found(error=str(error))
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
