import io
from itertools import pairwise

import av
import pytest

from edge_vsr.camera.fake import gray_frame
from edge_vsr.camera.short import PACKET
from edge_vsr.codec.kinds import X264
from edge_vsr.codec.transport import TransportMuxer
from edge_vsr.coded import TIME_BASE, CodedPicture
from edge_vsr.frame import Size
from tests.unit.codec.pictures import cut_at_keyframes, decoded, encoded, noise, settings

TABLES = 0
NOTHING = 0x1FFF


def pieces_of(pictures: list[CodedPicture]) -> list[bytes]:
    """One piece a keyframe."""
    return cut_at_keyframes(TransportMuxer(pictures[0].stream), pictures)


def packets(data: bytes) -> list[bytes]:
    assert len(data) % PACKET == 0, "a piece ends within a packet"
    return [data[at : at + PACKET] for at in range(0, len(data), PACKET)]


def pid(packet: bytes) -> int:
    return (packet[1] & 0x1F) << 8 | packet[2]


def continuity_errors(data: bytes) -> int:
    """Jumps in the counters of packets with payload, of each stream by itself (ISO/IEC 13818-1, 2.4.3.3)."""
    last: dict[int, int] = {}
    errors = 0
    for packet in packets(data):
        assert packet[0] == 0x47
        if packet[3] & 0x10 and pid(packet) != NOTHING:
            counter = packet[3] & 0x0F
            errors += last.get(pid(packet), (counter - 1) % 16) != (counter - 1) % 16
            last[pid(packet)] = counter
    return errors


def test_every_piece_plays_alone() -> None:
    pieces = pieces_of(encoded(list(noise(40, Size(64, 48)))))
    assert len(pieces) == 4
    for piece in pieces:
        shown = decoded(piece, "mpegts")
        assert len(shown) == 10
        assert shown[0].key_frame


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_piece_of_few_small_pictures_is_taken_for_what_it_is(count: int) -> None:
    (piece,) = pieces_of(encoded([gray_frame(number) for number in range(count)]))
    with av.open(io.BytesIO(piece), "r") as container:
        assert container.format.name == "mpegts"
        assert len(list(container.decode(video=0))) == count
    assert continuity_errors(piece) == 0


def test_the_pieces_joined_are_one_stream_without_a_gap() -> None:
    pictures = encoded(list(noise(40, Size(64, 48))))
    data = b"".join(pieces_of(pictures))
    assert continuity_errors(data) == 0
    shown = decoded(data, "mpegts")
    assert len(shown) == 40
    times = [float((picture.pts or 0) * TIME_BASE) for picture in shown]
    assert {round(after - before, 4) for before, after in pairwise(times)} == {0.04}


@pytest.mark.parametrize("seconds", [0.7, 1.4, 2.0, 10.0])
def test_pieces_of_a_single_picture_play_alone(seconds: float) -> None:
    encoder = X264.open(settings())
    pictures = []
    for n in range(5):
        pictures += encoder.encode(gray_frame(n), round(n * seconds / TIME_BASE), keyframe=True)
    for piece in pieces_of(pictures):
        assert TABLES in {pid(packet) for packet in packets(piece)[:2]}, "a piece starts without tables"
        assert len(decoded(piece, "mpegts")) == 1


def test_a_stream_goes_on_over_the_wrap_of_its_33_bit_clock() -> None:
    encoder = X264.open(settings())
    start = 2**33 - 10 * 3600
    pictures = []
    for n in range(20):
        pictures += encoder.encode(gray_frame(n), start + n * 3600, keyframe=n == 0)
    assert len(decoded(pieces_of(pictures)[0], "mpegts")) == 20


def test_tables_cost_little_between_keyframes() -> None:
    pictures = encoded([gray_frame(n) for n in range(50)], gop=50)
    tables = [packet for packet in packets(pieces_of(pictures)[0]) if pid(packet) == TABLES]
    assert len(tables) <= 4
