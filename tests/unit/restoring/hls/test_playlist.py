import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.errors import InputError
from edge_vsr.restoring.hls.playlist import MediaPlaylist, Part, Piece, Span, Variant, parse
from edge_vsr.segment import SegmentInfo
from edge_vsr.uplink.playlist import Playlist

HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"


def pieces(text: str) -> tuple[Piece, ...]:
    found = parse(HEAD + text)
    assert isinstance(found, MediaPlaylist)
    return found.pieces


def info(sequence: int, *, discontinuity: bool = False) -> SegmentInfo:
    name = f"20261122T110205Z-abc-{sequence:08d}.ts"
    return SegmentInfo(name, sequence, 1_770_000_000.25 + sequence, 1.5, 15, 0, 64, 48, "low", discontinuity)


def test_what_our_own_uplink_writes_is_read() -> None:
    written = Playlist(first=7).with_segment(info(0)).with_segment(info(1, discontinuity=True))
    read = parse(written.with_segment(info(2), gap=True).render(ended=True))
    assert isinstance(read, MediaPlaylist)
    assert (read.ended, read.target) == (True, 2.0)
    assert [(one.sequence, one.media.uri, one.duration, one.start) for one in read.pieces] == [
        (7 + n, info(n).name, 1.5, 1_770_000_000.25 + n) for n in range(3)
    ]
    assert [one.discontinuity for one in read.pieces] == [False, True, False]
    assert [one.gap for one in read.pieces] == [False, False, True]


def test_a_playlist_without_an_end_goes_on() -> None:
    found = parse(HEAD + "#EXTINF:2,\na.ts\n")
    assert isinstance(found, MediaPlaylist)
    assert not found.ended


def test_byte_ranges_follow_each_other_and_a_header_holds_until_the_next() -> None:
    header = '#EXT-X-MAP:URI="i.mp4",BYTERANGE="9@0"\n'
    text = header + "#EXTINF:2\n#EXT-X-BYTERANGE:10@5\na\n#EXTINF:2\n#EXT-X-BYTERANGE:4\na\n"
    first, second = pieces(text)
    assert (first.media, second.media) == (Part("a", Span(5, 10)), Part("a", Span(15, 4)))
    assert first.header == second.header == Part("i.mp4", Span(0, 9))


def test_the_variants_of_a_master_playlist() -> None:
    text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS="a,b"\nlow.m3u8\n#EXT-X-STREAM-INF:X=1\n\nhigh.m3u8\n'
    assert parse(text) == (Variant("low.m3u8", 100), Variant("high.m3u8", 0))


@pytest.mark.parametrize(
    "date", ["soon", "2026-11-22T11:02:05", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"]
)
def test_a_date_that_is_none_or_cannot_be_meant_is_left_out(date: str) -> None:
    assert [one.start for one in pieces(f"#EXT-X-PROGRAM-DATE-TIME:{date}\n#EXTINF:2\na\n")] == [None]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not start with #EXTM3U"),
        ("<html>", "does not start with #EXTM3U"),
        (HEAD + "a.ts\n", "a segment in it has no EXTINF"),
        (HEAD + "#EXTINF:1e9,\na.ts\n", "0 to 600 are read"),
        (HEAD + "#EXTINF:-1,\na.ts\n", "0 to 600 are read"),
        (HEAD + "#EXTINF:nan,\na.ts\n", "0 to 600 are read"),
        (HEAD + "#EXTINF:two,\na.ts\n", "is said to last 'two' s"),
        (HEAD + "#EXT-X-MEDIA-SEQUENCE:-1\n", "begins with number"),
        (HEAD + "#EXT-X-BYTERANGE:x@y\n", "a byte range in it"),
        (HEAD + '#EXT-X-KEY:METHOD=AES-128,URI="k"\n', "is encrypted"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", "lists no playlist"),
    ],
)
def test_what_cannot_be_followed_is_said(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse(text)


TAGS = ["EXTINF:", "EXT-X-GAP", "EXT-X-BYTERANGE:", "EXT-X-MAP:", "EXT-X-MEDIA-SEQUENCE:", "EXT-X-STREAM-INF:"]
LINES = st.one_of(
    st.text(max_size=20), st.builds("#{}{}".format, st.sampled_from(TAGS), st.text('0123456789.,@="-eURI', max_size=12))
)


@given(st.lists(LINES, max_size=12))
def test_whatever_a_server_sends_is_a_playlist_or_an_error_that_says_so(lines: list[str]) -> None:
    try:
        found = parse("\n".join(["#EXTM3U", *lines]))
    except InputError:
        return
    if isinstance(found, MediaPlaylist):
        assert all(0 < one.duration <= 600 for one in found.pieces)


def test_a_variant_says_whether_its_sound_is_in_a_playlist_of_its_own() -> None:
    text = (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="apart",NAME="a",URI="sound.m3u8"\n'
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="within",NAME="a"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="apart"\na\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="within"\nb\n'
        "#EXT-X-STREAM-INF:BANDWIDTH=1\nc\n"
    )
    assert parse(text) == (Variant("a", 1, sound_apart=True), Variant("b", 1), Variant("c", 1))
