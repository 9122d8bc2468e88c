import threading
from collections.abc import Sequence

import pytest

from edge_vsr.clock import FakeClock
from edge_vsr.errors import InputError
from edge_vsr.restoring.hls.fetch import Away
from edge_vsr.restoring.hls.follow import Follower
from edge_vsr.restoring.hls.playlist import MediaPlaylist, Part, Piece

PATIENCE = 30.0
Look = MediaPlaylist | InputError


def listed(first: int, last: int, *, ended: bool = False, session: str = "a") -> MediaPlaylist:
    pieces = tuple(Piece(n, Part(f"{session}{n}.ts"), 2.0) for n in range(first, last + 1))
    return MediaPlaylist(2.0, ended, pieces)


def follow(looks: Sequence[Look], clock: FakeClock | None = None) -> Follower:
    """Each look at the playlist finds the next one of `looks`; the last one stays."""
    left = list(looks)

    def load() -> MediaPlaylist:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, InputError):
            raise found
        return found

    return Follower(load, clock or FakeClock(), threading.Event(), patience=PATIENCE)


def names(looks: Sequence[Look]) -> list[str]:
    return [piece.media.uri for piece in follow(looks)]


def test_a_finished_playlist_is_given_once() -> None:
    assert names([listed(3, 5, ended=True)]) == ["a3.ts", "a4.ts", "a5.ts"]


def test_a_live_one_is_followed_to_its_end() -> None:
    assert names([listed(0, 1), listed(0, 1), listed(1, 3), listed(2, 4, ended=True)]) == [f"a{n}.ts" for n in range(5)]


def test_a_server_that_is_away_for_a_while_is_waited_for() -> None:
    away = Away("no answer")
    assert names([listed(0, 0), away, away, listed(0, 1, ended=True)]) == ["a0.ts", "a1.ts"]


def test_an_old_copy_from_a_cache_brings_nothing_twice() -> None:
    assert names([listed(0, 3), listed(0, 1), listed(0, 4, ended=True)]) == [f"a{n}.ts" for n in range(5)]


def test_a_playlist_that_begins_anew_is_followed_as_a_discontinuity() -> None:
    pieces = list(follow([listed(7, 9), listed(0, 1, ended=True, session="b")]))
    assert [piece.media.uri for piece in pieces] == ["a7.ts", "a8.ts", "a9.ts", "b0.ts", "b1.ts"]
    assert [piece.discontinuity for piece in pieces] == [False, False, False, True, False]


@pytest.mark.parametrize("first", [3, 10**15])
def test_what_left_the_window_unseen_is_a_gap_no_longer_than_the_time_that_passed(first: int) -> None:
    clock = FakeClock()
    _, gap, _ = follow([listed(0, 0), listed(first, first, ended=True)], clock)
    assert gap.gap
    assert 0 < gap.duration <= min(4.0, clock.monotonic() - 1000.0 + 2.0)


def test_a_gap_is_as_long_as_what_was_listed_while_a_piece_was_restored() -> None:
    clock = FakeClock()
    found: list[Piece] = []
    for piece in follow([listed(0, 0), listed(40, 40, ended=True)], clock):
        found.append(piece)
        clock.advance(90.0)
    assert [(piece.gap, piece.duration) for piece in found] == [(False, 2.0), (True, 39 * 2.0), (False, 2.0)]


def test_a_server_that_begins_anew_with_the_same_names_is_followed() -> None:
    anew = [listed(max(0, n - 4), n) for n in range(8) for _ in range(2)]
    pieces = list(follow([listed(0, 40), *anew, listed(4, 8, ended=True)]))[41:]
    assert pieces
    assert pieces[0].discontinuity
    assert pieces[-1].sequence == 8


@pytest.mark.parametrize("last", [listed(0, 2), Away("the server did not answer")])
def test_a_playlist_that_stalls_ends_after_all_that_it_had(last: Look) -> None:
    clock = FakeClock()
    pieces = iter(follow([listed(0, 2), last], clock))
    given = [next(pieces).media.uri for _ in range(3)]
    with pytest.raises(InputError, match="has no end, and nothing more came in"):
        next(pieces)
    assert given == ["a0.ts", "a1.ts", "a2.ts"]
    assert PATIENCE <= clock.monotonic() - 1000.0 <= PATIENCE + 2.0


def test_what_is_not_there_at_the_beginning_is_said_at_once() -> None:
    with pytest.raises(InputError, match="not there"):
        follow([InputError("not there")])
