from pathlib import Path

import pytest

from edge_vsr.errors import UsageError
from edge_vsr.uplink import srt
from edge_vsr.uplink.folder import FolderUplink
from edge_vsr.uplink.http import HttpUplink
from edge_vsr.uplink.live import LiveMuxer
from edge_vsr.uplink.open import is_live, open_uplink
from edge_vsr.uplink.options import UplinkOptions
from edge_vsr.uplink.srt import SrtUplink

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("http://host/path", HttpUplink),
        ("HTTPS://host:8443/path?sig=1", HttpUplink),
        ("http://[::1]:8080/", HttpUplink),
        ("rtsp://host/x", LiveMuxer),
        ("rtsps://host/x", LiveMuxer),
        ("rtmp://host/live/x", LiveMuxer),
        ("rtmps://host/live/x", LiveMuxer),
        ("srt://host:9000", SrtUplink),
        ("SRT://[::1]:9000/?passphrase=0123456789&streamid=%23!::r=cam&latency=200000&pbkeylen=32", SrtUplink),
    ],
)
def test_the_scheme_chooses_the_uplink(spec: str, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(srt, "program_with", lambda *a, **k: "ffmpeg")
    uplink = open_uplink(spec)
    assert isinstance(uplink, kind)
    assert is_live(spec) == (kind in (LiveMuxer, SrtUplink))
    uplink.close()


def test_a_path_and_a_file_url_are_folders(tmp_path: Path) -> None:
    for spec in (str(tmp_path / "a"), f"file://{tmp_path}/b%20c"):
        assert isinstance(open_uplink(spec), FolderUplink)
        assert not is_live(spec)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b c"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "empty"),
        ("ftp://host/x", "no uplink over ftp://; give a folder, file://, http://"),
        ("srt:host:9000", "two slashes"),
        ("srt://host", "names no port"),
        ("srt://host:9000/path", "no user and no path"),
        ("srt://host:9000?mode=listener", "the far end listens"),
        ("srt://host:9000?streamid=#!::r=cam", "as %23"),
        ("srt://host:9000?streamid=", "1 to 512 bytes"),
        ("srt://host:9000?streamid=a%0Ab", "cannot be sent"),
        ("srt://host:9000?passphrase=short", "10 to 64 bytes"),
        ("srt://host:9000?pbkeylen=8", "16, 24 or 32"),
        ("srt://host:9000?latency=fast", "microseconds"),
        ("srt://host:9000?transtype=file", "and for nothing else"),
        ("~no-such-user/x", "a user who does not exist"),
        ("http:/host/x", "two slashes"),
        ("rtmp:host/x", "two slashes"),
        ("http://", "names no host"),
        ("http:///path", "names no host"),
        ("http://user@/path", "names no host"),
        ("http://host:0/path", "names no port"),
        ("http://host:port/path", "bad host or port"),
        ("http://host:99999/path", "bad host or port"),
        ("http://[::1/path", "bad host or port"),
        ("http://a..b/path", "bad host or port"),
        (f"rtsp://{'x' * 64}.org/path", "bad host or port"),
        ("http://host/a b", "blank"),
        ("rtsp://host/a\nb", "blank"),
        ("rtsp://:554/x", "names no host"),
        ("file://host/path", "file:///absolute/path"),
        ("file://", "file:///absolute/path"),
    ],
)
def test_a_wrong_address_says_what_is_wrong(spec: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_uplink(spec)


@pytest.mark.parametrize(
    "spec",
    [
        f"http://user:{SECRET}@host:port/",
        f"http://user:{SECRET}/x@host/",
        f"http://user:a/{SECRET}@host/",
        f"rtsp://user:{SECRET} @host/",
        f"srt://user:{SECRET}@host/",
        f"https://user:{SECRET}@/",
        f"https:user:{SECRET}@host/",
        f"srt://host:1?{SECRET}",
        f"srt://host:1?passphrase={SECRET}",
        f"srt://user:{SECRET}@host:1",
        f"srt://host:1?streamid=#{SECRET}",
    ],
)
def test_a_wrong_address_is_not_repeated(spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_uplink(spec)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        (f"https://user:{SECRET}@host:8443/a/b?token={SECRET}", "https://host:8443/a/b"),
        (f"rtsp://user:{SECRET}@[::1]:554/cam", "rtsp://[::1]:554/cam"),
        (f"rtmp://host/live/{SECRET}", "rtmp://host/live/***"),
        (f"rtmps://u:{SECRET}@host/live/a?key={SECRET}", "rtmps://host/live/***"),
    ],
)
def test_the_name_shows_no_secret(spec: str, shown: str) -> None:
    uplink = open_uplink(spec)
    assert uplink.name == shown
    assert SECRET not in repr(uplink)
    assert SECRET not in repr(UplinkOptions(bearer_token=SECRET))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (UplinkOptions(bearer_token="a b"), "cannot be sent"),
        (UplinkOptions(bearer_token="a\r\nX: y"), "cannot be sent"),
        (UplinkOptions(bearer_token=""), "cannot be sent"),
        (UplinkOptions(ca_file=Path("/nowhere.pem")), "CA file /nowhere.pem: No such file"),
        (UplinkOptions(ca_file=Path("/dev/null")), "CA file /dev/null: it has no certificates"),
        (UplinkOptions(client_certificate=Path("/nowhere.pem")), "client certificate /nowhere.pem: No such file"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options: UplinkOptions, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_uplink("https://host/", options)


def test_a_token_and_a_password_do_not_go_together() -> None:
    with pytest.raises(UsageError, match="not both"):
        open_uplink("https://user:pw@host/", UplinkOptions(bearer_token="x"))
