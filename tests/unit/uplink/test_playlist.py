from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.segment import SegmentInfo, SegmentNames
from edge_vsr.uplink.playlist import Playlist
from tests.unit.uplink.segments import info

DATE_1 = "2026-09-21T14:13:22.000Z"
OTHER = SegmentNames("20261123T000000Z", "ffffff")

HEADED = {"header_bytes": 777, "media_bytes": 9000}

infos = st.builds(
    replace,
    st.integers(0, 40).map(info),
    start=st.floats(0, 253_402_300_799),
    duration=st.floats(0, 10_000),
    discontinuity=st.booleans(),
)
windows = st.none() | st.integers(1, 6)


def playlist_of(segments: list[SegmentInfo], window: int | None) -> Playlist:
    playlist = Playlist(window)
    for one in segments:
        playlist = playlist.with_segment(one)
    return playlist


def test_renders_what_rfc_8216_asks_for() -> None:
    playlist = playlist_of([info(0), info(1, duration=2.6), info(0, OTHER)], None)
    assert playlist.render(ended=True) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:3\n"
        "#EXT-X-TARGETDURATION:3\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:20.000Z\n"
        "#EXTINF:2.000000,\n"
        "20261122T110205Z-a1b2c3-00000000.ts\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:22.000Z\n"
        "#EXTINF:2.600000,\n"
        "20261122T110205Z-a1b2c3-00000001.ts\n"
        "#EXT-X-DISCONTINUITY\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:20.000Z\n"
        "#EXTINF:2.000000,\n"
        "20261123T000000Z-ffffff-00000000.ts\n"
        "#EXT-X-ENDLIST\n"
    )


@given(st.lists(infos, max_size=12), windows, st.booleans())
def test_parse_reads_back_what_render_wrote(segments: list[SegmentInfo], window: int | None, ended: bool) -> None:
    playlist = playlist_of(segments, window)
    assert Playlist.parse(playlist.render(ended=ended), window=window) == playlist


@given(st.lists(infos, max_size=30), st.integers(1, 6))
def test_the_window_only_forgets(segments: list[SegmentInfo], window: int) -> None:
    everything, windowed = playlist_of(segments, None), playlist_of(segments, window)
    # A name that has left the window may come in again; the sender never does that.
    if len({one.name for one in segments}) == len(segments):
        gone = len(everything.entries) - len(windowed.entries)
        assert windowed.entries == everything.entries[gone:]
        assert windowed.first == gone
        assert windowed.discontinuities == sum(entry.discontinuity for entry in everything.entries[:gone])
        assert windowed.target == everything.target
    assert len(windowed.entries) <= window


@given(st.lists(infos, max_size=12), windows, infos)
def test_the_target_duration_covers_every_entry_and_never_shrinks(
    segments: list[SegmentInfo], window: int | None, another: SegmentInfo
) -> None:
    before = playlist_of(segments, window)
    after = before.with_segment(another)
    assert after.target >= before.target
    assert all(entry.duration < after.target + 0.5 for entry in after.entries)


def test_a_target_duration_that_was_told_stays() -> None:
    expecting = Playlist().expecting(10.0)
    playlist = expecting.with_segment(info(0)).with_segment(info(1, duration=10.0)).with_segment(info(2))
    assert [expecting.target, playlist.target] == [10, 10]
    assert Playlist.parse(playlist.render()).expecting(4.0).target == 10


def test_a_segment_is_listed_once() -> None:
    playlist = playlist_of([info(0), info(1)], None)
    assert playlist.with_segment(info(0)) == playlist


def test_a_gap_is_told_and_can_be_filled() -> None:
    playlist = playlist_of([info(0)], None).with_segment(info(1), gap=True).with_segment(info(2))
    assert (
        f"\n#EXT-X-GAP\n#EXT-X-PROGRAM-DATE-TIME:{DATE_1}\n#EXTINF:2.000000,\n{info(1).name}\n#EXT-X-PROGRAM"
    ) in playlist.render()
    assert Playlist.parse(playlist.render()) == playlist
    assert [entry.discontinuity for entry in playlist.entries] == [False, False, False]
    assert playlist.filled(info(1)) == playlist_of([info(0), info(1), info(2)], None)
    assert playlist.filled(info(0)) == playlist.filled(info(7)) == playlist
    assert playlist.filled(replace(info(1), start=5.0)).entries[1].start == 5.0


def test_what_the_far_end_lost_leaves_and_so_do_gaps_before_the_rest() -> None:
    playlist = playlist_of([info(0)], None).with_segment(info(1), gap=True).with_segment(info(2))
    assert playlist.only(lambda name: name == info(2).name) == replace(playlist_of([info(2)], None), first=2)
    assert [entry.gap for entry in playlist.only(lambda name: True).entries] == [False, True, False]


def test_what_the_far_end_lost_among_the_rest_is_a_gap_and_numbers_stay() -> None:
    playlist = playlist_of([info(0), info(1), info(5), info(6)], None)
    left = playlist.only(lambda name: name not in {info(0).name, info(5).name})
    assert (left.first, left.discontinuities) == (1, 0)
    assert [(entry.name, entry.gap, entry.discontinuity) for entry in left.entries] == [
        (info(1).name, False, False),
        (info(5).name, True, True),
        (info(6).name, False, False),
    ]
    assert playlist.only(lambda name: name == info(6).name).discontinuities == 1


def test_a_loss_is_a_discontinuity() -> None:
    playlist = playlist_of([info(0), info(1), info(5), info(6)], None)
    assert [entry.discontinuity for entry in playlist.entries] == [False, False, True, False]


def headed(sequence: int, names: SegmentNames = OTHER) -> SegmentInfo:
    return replace(info(sequence, names), name=names.name(sequence, ".mp4"), **HEADED)  # type: ignore[arg-type]


def test_a_segment_with_a_header_tells_where_that_ends() -> None:
    playlist = playlist_of([headed(0), headed(1)], None)
    name, text = headed(1).name, playlist.render()
    assert f'#EXT-X-MAP:URI="{name}",BYTERANGE="777@0"\n#EXT-X-BYTERANGE:9000@777\n' in text
    assert "#EXT-X-VERSION:6\n" in text
    assert Playlist.parse(text) == playlist


def test_a_gap_has_no_header_until_it_is_filled() -> None:
    playlist = playlist_of([headed(0)], None).with_segment(headed(1), gap=True).with_segment(headed(2))
    assert headed(1).name not in playlist.render().replace(f"\n{headed(1).name}\n", ""), "players would ask for it"
    assert playlist.filled(headed(1)) == playlist_of([headed(0), headed(1), headed(2)], None)


def test_another_container_begins_the_window() -> None:
    playlist = playlist_of([info(0), info(1), info(3), headed(0), headed(1)], None)
    assert [entry.name for entry in playlist.entries] == [headed(0).name, headed(1).name]
    assert (playlist.first, playlist.discontinuities) == (3, 1)
    assert playlist.entries[0].discontinuity


@pytest.mark.parametrize(
    "text",
    [
        Playlist().with_segment(headed(0)).render().replace("9000@777", "9000"),
        "",
        "#EXTM3U\n",
        "hello",
        Playlist().with_segment(info(0)).render().replace("2026122", "../2026122").replace("20261122T", "../20261122T"),
        Playlist().with_segment(info(0)).render().replace("#EXTINF", "#EXT-X-OTHER"),
        Playlist().with_segment(info(0)).render().replace("2.000000", "inf"),
        Playlist().with_segment(info(0)).render().replace("Z\n", "\n"),
        Playlist().render().replace(":0", ":zero"),
    ],
)
def test_a_damaged_playlist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Playlist.parse(text)
