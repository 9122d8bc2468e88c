"""What `restore IN OUT` means, decided before anything is written."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from edge_vsr.errors import InputError, OutputError, UsageError
from edge_vsr.redact import check_scheme, redact

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"})
VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".y4m"})
"""In a folder; a file that is named may have any ending."""
PLAYLISTS = frozenset({".m3u8", ".m3u"})
PICTURE_OUTPUTS = frozenset({".png", ".jpg", ".jpeg"})
VIDEO_OUTPUTS = frozenset({".mp4", ".mkv", ".y4m"})
LIVE_OUTPUTS = ("rtsp", "rtsps", "rtmp", "rtmps")


class Job(Enum):
    PICTURE = "picture"
    FOLDER = "folder"
    VIDEO = "video"


class Origin(Enum):
    """Where a video comes from."""

    FILE = "file"
    PLAYLIST = "playlist"
    """A file or an http(s) address."""
    RTSP = "rtsp"


class Goal(Enum):
    """Where a video goes."""

    FILE = "file"
    SEGMENTS = "segments"
    """A folder of segments and their playlist."""
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Plan:
    """One job, checked as far as that goes without reading the input."""

    job: Job
    source: str = field(repr=False)
    """A path, or an address with its secrets."""
    target: str = field(repr=False)
    """As `source`."""
    origin: Origin = Origin.FILE
    goal: Goal = Goal.FILE


def plan(source: str, target: str) -> Plan:
    """Raises InputError, OutputError or UsageError with what to do."""
    try:
        return _plan(source, target)
    except (OSError, ValueError) as error:  # a name that is too long, a folder that must not be looked into
        name = getattr(error, "filename", None) or source
        raise UsageError(f"{name}: {getattr(error, 'strerror', None) or error}") from error


def scheme_of(text: str) -> str:
    """In small letters; empty for what is no address."""
    scheme, colon, _ = text.partition("://")
    return scheme.lower() if colon and scheme.isascii() and scheme.isalpha() else ""


def _plan(source: str, target: str) -> Plan:
    if not (source and target):  # which would be the folder that one is in
        raise UsageError("IN or OUT is empty; give both")
    for place in (source, target):
        if not Path(place).exists():
            check_scheme(place)
    match scheme_of(source):
        case "":
            return _of_path(Path(source), target)
        case "http" | "https":
            origin = Origin.PLAYLIST
        case "rtsp" | "rtsps":
            origin = Origin.RTSP
        case scheme:
            raise UsageError(f"nothing is read from {scheme}://; give a file, a folder, http://, https:// or rtsp://")
    return Plan(Job.VIDEO, source, target, origin, _goal(redact(source), target))


def _of_path(source: Path, target: str) -> Plan:
    if not source.exists():
        raise InputError(f"{source} does not exist")
    if source.is_dir():
        folder = Path(target)
        if scheme_of(target) or folder.is_file() or folder.suffix.lower() in PICTURE_OUTPUTS | VIDEO_OUTPUTS:
            raise UsageError(f"{source} is a folder; give a folder as output, not {redact(target)}")
        _not_itself(source, folder)
        return Plan(Job.FOLDER, str(source), target)
    if not source.is_file():  # a pipe is read once, and waited for
        raise InputError(f"{source} is neither a file nor a folder")
    suffix = source.suffix.lower()
    if suffix in PICTURES:
        if Path(target).is_dir():
            raise UsageError(f"{target} is a folder; give a file, or a folder of pictures as input")
        if scheme_of(target) or Path(target).suffix.lower() not in PICTURE_OUTPUTS:
            raise UsageError(f"{source} is a picture; give an output that ends in {', '.join(sorted(PICTURE_OUTPUTS))}")
        _in_a_folder(Path(target))
        _not_itself(source, Path(target))
        return Plan(Job.PICTURE, str(source), target)
    origin = Origin.PLAYLIST if suffix in PLAYLISTS else Origin.FILE
    goal = _goal(str(source), target)
    if goal is Goal.FILE:
        _not_itself(source, Path(target))
    if goal is Goal.SEGMENTS and origin is Origin.PLAYLIST:
        _not_itself(source.parent, Path(target))
    return Plan(Job.VIDEO, str(source), target, origin, goal)


def _goal(source: str, target: str) -> Goal:
    scheme = scheme_of(target)
    if scheme in LIVE_OUTPUTS:
        return Goal.LIVE
    path = Path(target)
    if scheme or target == "-" or (path.suffix and not path.is_dir() and path.suffix.lower() not in VIDEO_OUTPUTS):
        endings = ", ".join(sorted(VIDEO_OUTPUTS))
        raise UsageError(f"{source} is a video; give an output that ends in {endings}, a folder, or an rtsp:// address")
    if path.is_dir() or not path.suffix:
        if path.is_file():
            raise UsageError(f"{path} is a file; give a folder, or an output that ends in .mkv, .mp4 or .y4m")
        return Goal.SEGMENTS
    _in_a_folder(path)
    return Goal.FILE


def _in_a_folder(target: Path) -> None:
    if not target.parent.is_dir():
        problem = "is not a folder" if target.parent.exists() else "does not exist; make it first"
        raise OutputError(f"folder {target.parent} {problem}")


def _not_itself(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is the input itself; give another output")
