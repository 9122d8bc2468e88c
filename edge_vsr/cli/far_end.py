"""What a far end is reached with, which two commands have."""

from pathlib import Path
from typing import Annotated

import typer

from edge_vsr.config import MOST_PARALLEL

ParallelFlag = Annotated[int, typer.Option(min=1, max=MOST_PARALLEL, help="Segments on their way at once, over HTTP.")]
CaFlag = Annotated[
    Path | None, typer.Option(help="Certificates (PEM) to trust at the far end instead of the system's.")
]
CertificateFlag = Annotated[Path | None, typer.Option(help="Certificate (PEM) to show to the far end.")]
KeyFlag = Annotated[Path | None, typer.Option(help="Key (PEM) of that certificate, if it is in another file.")]
TokenFileFlag = Annotated[Path | None, typer.Option(help="File with a bearer token for an HTTP far end.")]
