from pathlib import Path

import av
import numpy as np
import pytest

from edge_vsr.camera.short import PACKET
from edge_vsr.frame import Size
from edge_vsr.restoring.stretches import Stretch, stretches_of
from tests.unit.restoring.videos import SIZE, write_joined_video, write_video

SMALL = Size(32, 32)


def pieces(path: Path) -> list[bytes]:
    """What the stretches of a file are, their heads left out."""
    data = path.read_bytes()
    return [data[one.start : one.stop] for one in stretches_of(path)]


def kinds(path: Path) -> list[str]:
    found = []
    for stretch in stretches_of(path):
        with stretch.of(path) as file, av.open(file) as container:
            found.append(container.streams.video[0].codec_context.name)
    return found


def test_what_goes_on_as_it_begins_is_one_stretch(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", 40, sound="aac")
    assert stretches_of(path) == (Stretch(0, None),)


def test_segments_of_one_kind_that_go_on_in_time_are_one_stretch(tmp_path: Path) -> None:
    path = write_joined_video(tmp_path / "a.ts", ("libx264", SIZE, 0.0), ("libx264", SMALL, 1.0))
    assert stretches_of(path) == (Stretch(0, None),)


def test_another_codec_begins_a_stretch_and_nothing_is_left_out(tmp_path: Path) -> None:
    path = write_joined_video(
        tmp_path / "a.ts", ("libx264", SIZE, 0.0), ("libx265", SIZE, 1.0), ("libx264", SIZE, 2.0), sound="aac"
    )
    assert kinds(path) == ["h264", "hevc", "h264"]
    assert b"".join(pieces(path)) == path.read_bytes()


@pytest.mark.parametrize("start", [0.0, 5000.0], ids=["back", "far on"])
def test_another_clock_begins_a_stretch(tmp_path: Path, start: float) -> None:
    path = write_joined_video(tmp_path / "a.ts", ("libx264", SIZE, 100.0), ("libx264", SIZE, start))
    first = write_video(tmp_path / "b.ts", 10, times=[100 + n / 10 for n in range(10)]).stat().st_size
    services = PACKET  # a table that stands first, and is not needed
    assert [one.start for one in stretches_of(path)] == [0, first + services]


def test_new_tables_in_the_middle_of_pictures_begin_a_stretch_that_plays_alone(tmp_path: Path) -> None:
    """As a multiplexer in front of a recorder does: the streams' table alone comes again, and no other before it."""
    path = write_joined_video(tmp_path / "a.ts", ("libx264", SIZE, 0.0), ("libx265", SIZE, 1.0))
    first = write_video(tmp_path / "b.ts", 10).stat().st_size
    data = path.read_bytes()
    packets = [data[at : at + PACKET] for at in range(first, len(data), PACKET)]
    without = b"".join(packets[1 if packets[0][1:3] == b"\x40\x11" else 0 :])
    tables = [packet for packet in packets[:3] if packet[1:3] == b"\x40\x00"]
    path.write_bytes(data[:first] + without.replace(tables[0], b""))
    assert kinds(path) == ["h264", "hevc"]


def test_a_table_that_is_damaged_says_nothing(tmp_path: Path) -> None:
    path = write_joined_video(tmp_path / "a.ts", ("libx264", SIZE, 0.0), ("libx264", SIZE, 1.0))
    data = bytearray(path.read_bytes())
    second = data.rindex(b"\x47\x50\x00")  # the last table of streams
    data[second + 18] ^= 0xFF
    path.write_bytes(data)
    assert len(stretches_of(path)) == 1


def test_what_is_no_packet_is_passed_over(tmp_path: Path) -> None:
    path = write_joined_video(tmp_path / "a.ts", ("libx264", SIZE, 0.0), ("libx265", SIZE, 1.0))
    cut = stretches_of(path)[1].start
    data = path.read_bytes()
    path.write_bytes(data[: cut - 100] + data[cut:])
    assert kinds(path) == ["h264", "hevc"]


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_one_stretch(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "a.ts"
    noise = np.random.default_rng(seed).integers(0, 256, 4000 * PACKET, np.uint8)
    noise[:: PACKET if seed % 2 else 97] = 0x47
    noise[1 :: 3 * PACKET], noise[2 :: 3 * PACKET] = 0x40, 0
    path.write_bytes(noise.tobytes())
    assert stretches_of(path)[0].start == 0


@pytest.mark.parametrize("size", [0, 1, 187, 188, 189, 376])
def test_a_file_may_be_short(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.ts").write_bytes(b"\x47" * size)
    assert stretches_of(tmp_path / "a.ts") == (Stretch(0, None),)


def test_a_stretch_is_read_as_a_file_with_its_head(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(range(100)))
    with Stretch(10, 20, b"head").of(tmp_path / "a") as file:
        assert file.read() == b"head" + bytes(range(10, 20))
        assert file.read() == b""
        assert file.seek(-3, 2) == 11
        assert file.read(2) == bytes([17, 18])
        file.seek(2)
        assert file.read(2) == b"ad"
