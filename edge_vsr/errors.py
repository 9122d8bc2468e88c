"""What can go wrong, as one tree; each leaf knows its exit code.

    EdgeVsrError                 1
    ├── UsageError               2   a flag, a size or a name that cannot be used
    ├── CameraError              3
    │   ├── CameraNotFound           no such camera, or one that cannot be opened
    │   └── CameraLost               a live camera stopped delivering; reopening may help
    ├── InputError               4   a picture or a video that cannot be read
    ├── OutputError              5   a place that cannot be written
    ├── ModelError               6   a model that is missing, damaged or of another kind
    ├── UplinkError              7
    │   ├── UplinkRefused            the far end said no; sending the same again will not help
    │   │   └── ObjectRefused        it said no to this object; it may take others
    │   └── UplinkAway               the far end did not answer; sending again later may help
    ├── EncoderError             8   the encoder cannot take what it was given
    └── MissingDependency        9   an optional package is not installed

Every message is one line that says what to do about it, and carries no secret: addresses go
through `edge_vsr.redact.redact` first.
"""

from typing import ClassVar


class EdgeVsrError(Exception):
    """Root of the tree. `exit_code` is what the command line exits with."""

    exit_code: ClassVar[int] = 1


class UsageError(EdgeVsrError):
    exit_code = 2


class CameraError(EdgeVsrError):
    exit_code = 3


class CameraNotFound(CameraError):
    pass


class CameraLost(CameraError):
    pass


class InputError(EdgeVsrError):
    exit_code = 4


class OutputError(EdgeVsrError):
    exit_code = 5


class ModelError(EdgeVsrError):
    exit_code = 6


class UplinkError(EdgeVsrError):
    exit_code = 7


class UplinkRefused(UplinkError):
    pass


class ObjectRefused(UplinkRefused):
    pass


class UplinkAway(UplinkError):
    pass


class EncoderError(EdgeVsrError):
    exit_code = 8


class MissingDependency(EdgeVsrError):
    exit_code = 9
