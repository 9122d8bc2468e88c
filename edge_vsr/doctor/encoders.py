"""H.264 encoders, each tried on a frame: what a build lists says nothing about the hardware."""

from collections.abc import Iterator

from edge_vsr.doctor.finding import Finding, error, note, ok
from edge_vsr.doctor.subprocesses import Probe, run_python

SOFTWARE = "libx264"
HARDWARE = ("h264_v4l2m2m", "h264_qsv")
_ENCODE = """
import av, fractions
c = av.CodecContext.create({0!r}, "w")
c.width, c.height, c.pix_fmt = 640, 360, {1!r}
c.time_base, c.framerate = fractions.Fraction(1, 30), fractions.Fraction(30)
f = av.VideoFrame(640, 360, {1!r})
for p in f.planes:
    p.update(bytes(p.buffer_size))
f.pts = 0
assert sum(len(bytes(p)) for p in [*c.encode(f), *c.encode(None)]) > 0, "it made nothing of a frame"
"""


def check_encoders(probe: Probe = run_python) -> Iterator[Finding]:
    """The software encoder must work; hardware is nice to have."""
    outcome = probe(_ENCODE.format(SOFTWARE, "yuv420p"))
    if outcome.code == 0:
        yield ok(SOFTWARE, "encodes")
    else:
        yield error(SOFTWARE, f"cannot encode a frame: {outcome.reason}", "pip install --force-reinstall av")
    for name in HARDWARE:
        outcome = probe(_ENCODE.format(name, "nv12" if "qsv" in name else "yuv420p"))
        yield ok(name, "encodes") if outcome.code == 0 else note(name, "no such hardware here")
