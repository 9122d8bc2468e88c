"""An encoder that fails when told to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from edge_vsr.codec.encoder import USUAL_FULLNESS, Encoder, EncoderSettings
from edge_vsr.codec.kinds import X264, Kind
from edge_vsr.codec.level import Codec
from edge_vsr.coded import CodedPicture
from edge_vsr.frame import Frame


@dataclass(frozen=True, slots=True)
class FaultyKind(Kind):
    """libx264, and a fault or None for each frame, whichever encoder it goes to; none where they are used up."""

    name: str = X264.name
    library: str = X264.library
    codec: Codec = X264.codec
    options: Callable[[EncoderSettings, float, float], dict[str, str]] = X264.options
    crf: float = X264.crf
    faults: Iterator[Exception | None] = field(default_factory=lambda: iter(()))

    def open(
        self, settings: EncoderSettings, fullness: float = USUAL_FULLNESS, appetite: float | None = None
    ) -> Encoder:
        return _FaultyEncoder(X264.open(settings, fullness, appetite), self.faults)


class _FaultyEncoder:
    def __init__(self, encoder: Encoder, faults: Iterator[Exception | None]) -> None:
        self._encoder = encoder
        self._faults = faults

    @property
    def fullness(self) -> float:
        return self._encoder.fullness

    @property
    def appetite(self) -> float | None:
        return self._encoder.appetite

    @property
    def held(self) -> int:
        return self._encoder.held

    def encode(self, frame: Frame, pts: int, *, keyframe: bool) -> list[CodedPicture]:
        if fault := next(self._faults, None):
            raise fault
        return self._encoder.encode(frame, pts, keyframe=keyframe)

    def flush(self) -> list[CodedPicture]:
        return self._encoder.flush()
