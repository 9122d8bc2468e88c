"""`--tile`, which two commands have."""

from typing import Annotated

import typer

from edge_vsr.errors import UsageError
from edge_vsr.frame import Size
from edge_vsr.sr.network import TileSize

TileFlag = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Luma samples that the network makes at a time, such as 512x256; whole frames if left out.",
    ),
]


def tile_of(text: str | None) -> TileSize | None:
    """Rows and columns; None if the flag was left out. Raises UsageError."""
    if text is None:
        return None
    try:
        size = Size.parse(text)
    except ValueError as error:
        raise UsageError(f"--tile: {error}") from error
    return size.height, size.width
