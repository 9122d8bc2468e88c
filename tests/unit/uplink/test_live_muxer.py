import socket
import ssl
from typing import Any

import av.error
import pytest

from edge_vsr.uplink.live_muxer import describe
from edge_vsr.uplink.wire import receive, send

SECRET = "s3cr3t"
# PyAV's stub has another idea of a log line.
SAID: Any = (16, "rtmp", "Server error: Already publishing\n")
LEAKED: Any = (16, "tcp", f"cannot open u:{SECRET}@h\n")


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (av.error.HTTPUnauthorizedError(1, "401", f"rtsp://u:{SECRET}@h"), "refused", "401"),
        (av.error.HTTPTooManyRequestsError(1, "429"), "away", "429"),
        (av.error.HTTPServerError(1, "5xx"), "away", "5xx"),
        (ConnectionResetError(104, "reset", f"rtsp://u:{SECRET}@h"), "away", "reset"),
        (av.error.UnknownError(1, "?", None, SAID), "away", "Already"),
        (av.error.UnknownError(1, "?", None, LEAKED), "away", "?"),
        (ValueError(f"rtsp://u:{SECRET}@h"), "away", "ValueError"),
        (ssl.SSLCertVerificationError(1, "x"), "refused", "not trusted"),
    ],
)
def test_a_failure_is_told_without_the_address(error: Exception, kind: str, message: str) -> None:
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed"
    told = describe(error)
    assert told["error"] == kind
    assert message in told["message"]
    assert SECRET not in told["message"]


def test_messages_arrive_as_sent_and_an_end_is_an_end() -> None:
    one, other = socket.socketpair()
    with other:
        with one:
            send(one, {"pts": 7}, b"data")
            send(one, {})
        assert receive(other) == ({"pts": 7}, b"data")
        assert receive(other) == ({}, b"")
        with pytest.raises(EOFError):
            receive(other)
