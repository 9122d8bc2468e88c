"""The process that holds a live connection: `python -m edge_vsr.uplink.live_muxer FD`.

A process of its own because FFmpeg's RTMP client has no time-out that PyAV could set, and because PyAV 18 connects
while it holds the interpreter lock: a silent far end would stop every thread of the program, for ever. Here an alarm
ends the process, and nothing else.

The first message over the socket FD has the keys of Connection; then come pictures and sound, each answered by {} or
by {"error": "away" or "refused", "message": ...}. One without data or the end of the socket ends the session.
"""

import signal
import socket
import ssl
import sys
from fractions import Fraction

import av.error
import av.logging

from edge_vsr.heard import SoundStream
from edge_vsr.uplink.mux import PictureMuxer
from edge_vsr.uplink.wire import Connection, receive, send

_REFUSALS = (
    av.error.HTTPBadRequestError,
    av.error.HTTPUnauthorizedError,
    av.error.HTTPForbiddenError,
    av.error.HTTPNotFoundError,
    av.error.HTTPOtherClientError,
)
_RTMP_ANSWER = "Server error: "


def open_muxer(connection: Connection) -> PictureMuxer:
    """Connects."""
    return PictureMuxer(
        connection.url,
        connection.format,
        connection.options,
        codec=connection.codec,
        width=connection.width,
        height=connection.height,
        rate=Fraction(connection.rate),
        time_base=Fraction(connection.time_base),
        sound=SoundStream(**connection.sound) if connection.sound else None,
    )


def check_certificate(host: str, port: int, options: dict[str, str]) -> None:
    """Connect once by ourselves and look at the far end's certificate. Raises OSError.

    PyAV 18 (Python 3.11) hands FFmpeg's RTMP client no TLS options, and it then checks nothing; 19.0.2 does. This finds
    a wrong or expired certificate; it does not stop an attacker who lets the first connection pass.
    """
    context = ssl.create_default_context(cafile=options.get("ca_file"))
    if "cert_file" in options:
        context.load_cert_chain(options["cert_file"], options.get("key_file"), password="")
    with socket.create_connection((host, port)) as plain, context.wrap_socket(plain, server_hostname=host):
        pass


def describe(error: Exception) -> dict[str, str]:
    """What to answer for a failure: never str(error), which has the address and its secrets."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return {"error": "refused", "message": f"its certificate is not trusted ({error.verify_message})"}
    message = getattr(error, "strerror", None) or type(error).__name__
    last = getattr(error, "log", None)
    answer = last[2].strip() if last else ""
    if answer.startswith(_RTMP_ANSWER):
        message = answer
    return {"error": "refused" if isinstance(error, _REFUSALS) else "away", "message": message}


def serve(peer: socket.socket) -> None:
    """Mux until the session ends or fails."""
    connection = Connection(**receive(peer)[0])
    limit = connection.connect_timeout
    muxer: PictureMuxer | None = None
    try:
        while True:
            head, data = receive(peer)
            signal.setitimer(signal.ITIMER_REAL, limit)
            if not data:
                break
            if muxer is None:
                if connection.tls_port is not None:
                    check_certificate(connection.host, connection.tls_port, connection.options)
                muxer = open_muxer(connection)
            if head.get("sound"):
                muxer.hear(data, head["pts"])
            else:
                muxer.mux(data, head["pts"], keyframe=head["keyframe"])
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            limit = connection.picture_timeout
            send(peer, {})
    except EOFError:
        signal.setitimer(signal.ITIMER_REAL, limit)
    except (OSError, RuntimeError, ValueError, LookupError, av.error.FFmpegError) as error:
        send(peer, describe(error))
        return
    if muxer is not None:
        muxer.close()


def main() -> None:
    # Ctrl-C goes to the whole process group; the parent decides about the end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    av.logging.set_level(av.logging.ERROR)
    with socket.socket(fileno=int(sys.argv[1])) as peer:
        serve(peer)


if __name__ == "__main__":
    main()
