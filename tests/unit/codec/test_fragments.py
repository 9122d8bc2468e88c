from itertools import pairwise

import pytest

from edge_vsr.codec.fragments import FragmentMuxer, header_bytes
from edge_vsr.codec.kinds import SVTAV1
from edge_vsr.codec.obu import sequence_header, units
from edge_vsr.coded import CodedPicture
from edge_vsr.frame import Size
from tests.unit.codec.pictures import cut_at_keyframes, decoded, encoded, noise

BEGAN = 1_790_000_000


def pieces_of(pictures: list[CodedPicture]) -> list[bytes]:
    """One piece a keyframe."""
    return cut_at_keyframes(FragmentMuxer(pictures[0].stream, BEGAN), pictures)


def pictures() -> list[CodedPicture]:
    return encoded(list(noise(40, Size(64, 48))), kind=SVTAV1)


def test_every_piece_plays_alone_and_begins_with_its_header() -> None:
    pieces = pieces_of(pictures())
    assert len(pieces) == 4
    for piece in pieces:
        header = header_bytes(piece)
        assert piece[4:8] == b"ftyp"
        assert piece[header + 4 : header + 8] == b"moof"
        assert decoded(piece, "mp4")[0].key_frame


def test_any_header_and_all_fragments_are_one_video_whose_time_runs_on() -> None:
    coded = pictures()
    pieces = pieces_of(coded)
    headers = [piece[: header_bytes(piece)] for piece in pieces]
    assert len(set(headers)) == 1, "a player that keeps the first header could not read on"
    data = headers[0] + b"".join(piece[header_bytes(piece) :] for piece in pieces)
    shown = decoded(data, "mp4")
    assert len(shown) == len(coded)
    times = [picture.time or 0.0 for picture in shown]
    assert times[0] == pytest.approx(BEGAN)
    assert all(after > before for before, after in pairwise(times))


def test_what_is_no_piece_is_refused() -> None:
    for data in (b"", b"\0\0\0\0free", b"\0\0\0\x08free"):
        with pytest.raises(ValueError, match="no fragment"):
            header_bytes(data)


def test_only_keyframes_carry_the_sequence_header() -> None:
    for picture in pictures():
        assert bool(sequence_header(picture.data)) == picture.keyframe


def test_units_that_are_cut_off_end_the_list() -> None:
    data = pictures()[0].data
    whole = list(units(data))
    assert b"".join(unit for _, unit in whole) == data
    for length in range(len(data)):
        assert list(units(data[:length])) == whole[: len(list(units(data[:length])))]
