"""An RTSP camera made of GStreamer. Run by the system's Python, which has PyGObject; the tests' has not.

    /usr/bin/python3 gst_servers.py PORT [CODEC] [WIDTHxHEIGHT] [SESSIONS]

serves rtsp://127.0.0.1:PORT/cam at 25 frames a second; CODEC is h264 (the default), jpeg, or unrated: jpeg whose
session does not say how many. SESSIONS is
together: all get one stream, of which the first chooses pictures or sound or both (the default);
one: a second one at the same time is refused;
silent: there is sound, but it is given to nobody.
"""

import sys
from typing import Any

SYSTEM_PYTHON = "/usr/bin/python3"
CODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 bitrate=800 ! rtph264pay name=pay0",
    "jpeg": "jpegenc ! rtpjpegpay name=pay0",
    "unrated": "capssetter caps=video/x-raw,framerate=0/1 ! jpegenc ! rtpjpegpay name=pay0",
}


def only_pictures(_client: Any, request: Any) -> Any:
    from gi.repository import GstRtsp  # type: ignore[import-untyped,import-not-found,unused-ignore]

    sound = request.uri.abspath.endswith("stream=1")
    return GstRtsp.RTSPStatusCode.NOT_ACCEPTABLE if sound else GstRtsp.RTSPStatusCode.OK


def serve(port: str, codec: str = "h264", size: str = "320x240", sessions: str = "together") -> None:
    import gi  # type: ignore[import-untyped,import-not-found,unused-ignore]

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-untyped,import-not-found,unused-ignore]

    Gst.init(None)
    width, _, height = size.partition("x")
    caps = f"video/x-raw,format=I420,width={width},height={height},framerate=25/1"
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        f"( videotestsrc is-live=true pattern=ball ! {caps} ! {CODERS[codec]} pt=96 "
        "audiotestsrc is-live=true ! alawenc ! rtppcmapay name=pay1 pt=8 )"
    )
    factory.set_shared(sessions == "together")
    server = GstRtspServer.RTSPServer()
    if sessions == "one":
        server.get_session_pool().set_max_sessions(1)
    if sessions == "silent":
        server.connect("client-connected", lambda _server, client: client.connect("pre-setup-request", only_pictures))
    server.set_address("127.0.0.1")
    server.set_service(port)
    server.get_mount_points().add_factory("/cam", factory)
    server.attach(None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    serve(*sys.argv[1:])
