"""Which sources lost something when they were coded."""

from pathlib import Path

from edge_vsr.camera.lossy import is_lossy_video
from edge_vsr.restoring.plan import PICTURES, VIDEOS, Job, Origin, Plan

_HEAD = 16


def is_lossy(plan: Plan) -> bool:
    """Of a folder, whether any of it is, or nothing is there yet: what is uploaded mostly is. Never raises."""
    match plan.job:
        case Job.PICTURE:
            return is_lossy_picture(Path(plan.source))
        case Job.FOLDER:
            return _is_lossy_folder(Path(plan.source))
        case Job.VIDEO:
            return plan.origin is not Origin.FILE or is_lossy_video(Path(plan.source))


def is_lossy_picture(path: Path) -> bool:
    """A JPEG, or a WebP that does not say that it is lossless."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return head[:2] == b"\xff\xd8" or (webp and head[12:16] != b"VP8L")


def _is_lossy_folder(folder: Path) -> bool:
    try:
        paths = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    except OSError:
        return True
    pictures = [path for path in paths if path.suffix.lower() in PICTURES]
    videos = [path for path in paths if path.suffix.lower() in VIDEOS]
    return not (pictures or videos) or any(map(is_lossy_picture, pictures)) or any(map(is_lossy_video, videos))
