import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.errors import UsageError
from edge_vsr.redact import check_scheme, redact


@pytest.mark.parametrize("text", ["rtsp:/u:p@cam/x", "HTTP:cam/x", "rtsp//u:p@cam/x", "srt:host:9000", "mqtt:/host"])
def test_what_was_meant_as_an_address_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(UsageError, match=r"^an address starts with [a-z]+://, with two slashes$"):
        check_scheme(text)


@pytest.mark.parametrize(
    "text", ["clip.mp4", "http://cam/x", "rtsp", "https.mp4", "file:///a", "./rtsp:/x", "a/http//x"]
)
def test_addresses_and_files_are_none_of_these(text: str) -> None:
    check_scheme(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("demo", "demo"),
        ("rtsp://camera.local:554/main", "rtsp://camera.local:554/main"),
        ("rtsp://user:pass@camera/main", "rtsp://***@camera/main"),
        ("rtsp://user@camera/main", "rtsp://***@camera/main"),
        ("https://store/a?sig=abc&x=1", "https://store/a?***"),
        ("https://u:p@store/a?sig=abc", "https://***@store/a?***"),
        ("rtsp://user:p/w@camera/main", "rtsp://***@camera/main"),
        ("rtsp://user:p@w@camera/main", "rtsp://***@camera/main"),
        ("rtsp://user:p?w@camera/main", "rtsp://***"),
        ("https://store/a?mail=a@b", "https://***"),
        ("camera 'rtsp://u:p@cam/x?k=v': nothing there", "camera 'rtsp://***@cam/x?***': nothing there"),
        ("from rtsp://u:p@a/b to http://v:q@c/d", "from rtsp://***@a/b to http://***@c/d"),
        ("http://a/b?k=v, try again (http://a/b?k=w)", "http://a/b?***, try again (http://a/b?***)"),
        ("is 3 < 4? yes", "is 3 < 4? yes"),
        ("no file 'rtsp:/u:p@cam/x'", "no file 'rtsp:***"),
        ("http:u:p@cam/x and rtsp//u:p@cam/x", "http:*** and rtsp:***"),
        ("http: mail to a@b", "http: mail to a@b"),
    ],
)
def test_addresses_lose_their_secrets_and_keep_the_rest(text: str, shown: str) -> None:
    assert redact(text) == shown


_WORD = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
_SECRET = _WORD.map(lambda extra: f"S3CR3T{extra}")
_HOST = st.sampled_from(["cam", "10.0.0.1:554", "[::1]", "store.example:8443"])
_SCHEME = st.sampled_from(["rtsp", "rtsps", "http", "https", "rtmp", "RTSP"])


@given(_SCHEME, _WORD, _SECRET, _HOST, _WORD)
def test_a_password_never_survives(scheme: str, user: str, secret: str, host: str, path: str) -> None:
    shown = redact(f"cannot open '{scheme}://{user}:{secret}@{host}/{path}': no answer")
    assert "S3CR3T" not in shown
    assert shown.startswith("cannot open '")


@given(_SCHEME, _HOST, _SECRET, _WORD)
def test_a_query_never_survives(scheme: str, host: str, secret: str, more: str) -> None:
    assert "S3CR3T" not in redact(f"{scheme}://{host}/live?key={secret}&{more}: refused")


@given(_SCHEME, _HOST, _SECRET)
def test_what_is_redacted_stays_as_it_is(scheme: str, host: str, secret: str) -> None:
    once = redact(f"{scheme}://u:{secret}@{host}/a?{secret}")
    assert redact(once) == once
