"""Points of rate and quality, each measured once: what a work folder holds is not made again."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from docs.quality import coding, scores
from docs.quality.clip import Clip, Planes
from docs.quality.curves import Curve, Point
from edge_vsr.frame import Plane

Decode = Callable[[Path], coding.Lumas]


@dataclass(frozen=True, slots=True)
class Way:
    """What becomes of a coded file."""

    name: str
    decode: Decode
    version: str = ""
    """Of what does it: with another one it is done anew."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Frames as they are coded, but for the rate."""

    name: str
    frames: Sequence[Planes] = field(repr=False)
    options: Mapping[str, str]


class Bench:
    """Measures one clip."""

    def __init__(self, clip: Clip, work: Path, tell: Callable[[str], None] = lambda _line: None) -> None:
        self.clip = clip
        self._truth = [planes[0] for planes in clip.frames]
        self._work = work / f"{clip.name}-{len(clip.frames)}"
        self._work.mkdir(parents=True, exist_ok=True)
        self._tell = tell

    def coded(self, sent: Sent, **rate: str) -> Path:
        """The file of `sent` at a rate that options such as crf="30" set."""
        options = {**sent.options, **rate}
        path = self._work / f"{_digest(sent.name, options)}.mp4"
        if not path.exists():
            coding.encode(path, sent.frames, self.clip.rate, options)
        return path

    def point(self, sent: Sent, way: Way, **rate: str) -> Point:
        """How near what `way` makes of it is to the true pictures."""
        path = self.coded(sent, **rate)
        noted = path.with_name(f"{path.stem}-{_digest(way.name, {'version': way.version})}.json")
        if not noted.exists() or "flicker" not in json.loads(noted.read_text()):
            shown: list[Plane] = list(way.decode(path))
            found = Point(
                coding.kbits_of(path, self.clip.seconds),
                scores.mean_psnr(self._truth, shown),
                scores.vmaf(self._truth, shown),
                scores.flicker(self._truth, shown),
            )
            _note(noted, asdict(found))
            label = " ".join(f"{key} {value}" for key, value in rate.items())
            self._tell(
                f"{self.clip.name} {sent.name} {label}, {way.name}: "
                f"{found.kbits:.0f} kbit/s, {found.psnr:.2f} dB, VMAF {found.vmaf:.1f}, flicker {found.flicker:.2f}"
            )
        return Point(**json.loads(noted.read_text()))

    def curve(self, sent: Sent, way: Way, rates: Sequence[int]) -> Curve:
        """One point for each constant rate factor."""
        return tuple(self.point(sent, way, crf=str(crf)) for crf in sorted(rates))


def _digest(name: str, options: Mapping[str, str]) -> str:
    text = json.dumps([name, *sorted(options.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _note(path: Path, found: Mapping[str, float]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.replace(path)
