"""What `restore IN OUT` means, decided before anything is written."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from edge_vsr.errors import InputError, OutputError, UsageError

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"})
PICTURE_OUTPUTS = frozenset({".png", ".jpg", ".jpeg"})
VIDEO_OUTPUTS = frozenset({".mp4", ".mkv", ".y4m"})


class Job(Enum):
    PICTURE = "picture"
    FOLDER = "folder"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Plan:
    """One job, checked as far as that goes without reading the input."""

    job: Job
    source: Path
    target: Path


def plan(source: Path, target: Path) -> Plan:
    """Raises InputError, OutputError or UsageError with what to do."""
    try:
        return _plan(source, target)
    except OSError as error:  # a name that is too long, a folder that must not be looked into
        raise UsageError(f"{error.filename}: {error.strerror}") from error


def _plan(source: Path, target: Path) -> Plan:
    if not source.exists():
        raise InputError(f"{source} does not exist")
    if source.is_dir():
        job = Job.FOLDER
        if target.is_file() or target.suffix.lower() in PICTURE_OUTPUTS | VIDEO_OUTPUTS:
            raise UsageError(f"{source} is a folder; give a folder as output, not {target}")
    else:
        job = Job.PICTURE if source.suffix.lower() in PICTURES else Job.VIDEO
        outputs = PICTURE_OUTPUTS if job is Job.PICTURE else VIDEO_OUTPUTS
        if target.is_dir() or target.suffix.lower() not in outputs:
            raise UsageError(f"{source} is a {job.value}; give an output that ends in {', '.join(sorted(outputs))}")
        if not target.parent.is_dir():
            problem = "is not a folder" if target.parent.exists() else "does not exist; make it first"
            raise OutputError(f"folder {target.parent} {problem}")
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is the input itself; give another output")
    return Plan(job, source, target)
