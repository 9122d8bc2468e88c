"""What the service talks to: a far end that takes PUT, and a camera that comes later."""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import av


@contextmanager
def listening(handler: "type[Quiet]", port: int = 0) -> Iterator[int]:
    """Serve with `handler` for the time of the block; the port."""
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        handler.over = False
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            handler.over = True
            server.shutdown()
            thread.join()


class Quiet(BaseHTTPRequestHandler):
    over = False
    """Whether nobody is to be served any more."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  its name in the base class
        pass


class MjpegCamera(Quiet):
    """A picture that gets lighter, for as long as somebody looks."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for number in itertools.takewhile(lambda _: not self.over, itertools.count()):
            picture = jpeg(number % 200)
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + picture + b"\r\n")
            except OSError:
                return
            time.sleep(0.1)


def jpeg(luma: int) -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 160, 120, "yuvj420p", Fraction(1, 10)
    picture = av.VideoFrame(160, 120, "yuvj420p")
    for plane, level in zip(picture.planes, (luma, 128, 128), strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    return bytes(encoder.encode(picture)[0])
