"""A folder of pictures to a folder of PNGs with the same names."""

from collections.abc import Callable
from pathlib import Path

from edge_vsr.errors import InputError, OutputError, UsageError
from edge_vsr.restoring.picture import read_picture, restore_picture, write_picture
from edge_vsr.restoring.plan import PICTURES
from edge_vsr.sr.upscaler import Upscaler

SHOWN = 5


def restore_folder(source: Path, target: Path, upscaler: Upscaler, progress: Callable[[int, int], None]) -> None:
    """Restore every picture in `source`; `progress` gets how many of how many are done.

    A picture that cannot be read does not stop the others: InputError names them at the end.
    """
    try:
        pictures = sorted(path for path in source.iterdir() if path.suffix.lower() in PICTURES and path.is_file())
    except OSError as error:
        raise InputError(f"folder {source} cannot be read: {error.strerror}") from error
    if not pictures:
        raise InputError(f"{source} has no pictures ({', '.join(sorted(PICTURES))})")
    outputs = {path: target / f"{path.stem}.png" for path in pictures}
    if len(set(outputs.values())) < len(outputs):
        raise UsageError(f"{source} has pictures that differ only in their ending; their outputs would be the same")
    unreadable = []
    for done, (path, output) in enumerate(outputs.items()):
        progress(done, len(outputs))
        try:
            restored = restore_picture(read_picture(path), upscaler)
        except InputError as error:
            unreadable.append(str(error))
            continue
        _make(target)
        write_picture(output, restored)
    progress(len(outputs), len(outputs))
    if unreadable:
        more = f"; and {len(unreadable) - SHOWN} more" if len(unreadable) > SHOWN else ""
        raise InputError(f"{len(unreadable)} of {len(outputs)} pictures failed: {'; '.join(unreadable[:SHOWN])}{more}")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make folder {folder}: {error.strerror}") from error
