import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.codec.annexb import parameter_sets, units

SPS, PPS, SEI, IDR = b"\x67\x42\x00\x1f", b"\x68\xce\x3c\x80", b"\x06\x05\x01", b"\x65\x88\x84"
UNIT = st.binary(min_size=1, max_size=20).map(lambda data: b"\x41" + data.replace(b"\0", b"\1"))


def joined(*parts: bytes, start: bytes = b"\0\0\0\1") -> bytes:
    return b"".join(start + part for part in parts)


@given(st.lists(UNIT, max_size=8), st.sampled_from([b"\0\0\1", b"\0\0\0\1", b"\0\0\0\0\0\1"]))
def test_units_are_what_stands_between_start_codes(parts: list[bytes], start: bytes) -> None:
    assert list(units(joined(*parts, start=start))) == parts


@pytest.mark.parametrize("data", [b"", b"\0\0", b"no start code at all"])
def test_data_without_a_start_code_has_no_units(data: bytes) -> None:
    assert list(units(data)) == []


def test_trailing_zeros_are_not_part_of_a_unit() -> None:
    assert list(units(joined(IDR) + b"\0\0\0")) == [IDR]


def test_parameter_sets_are_taken_out_of_an_access_unit() -> None:
    assert parameter_sets(joined(SPS, PPS, SEI, IDR, start=b"\0\0\1")) == joined(SPS, PPS)


@pytest.mark.parametrize("data", [b"", joined(IDR), b"\0\0\1\0\0\1"])
def test_an_access_unit_without_parameter_sets_gives_none(data: bytes) -> None:
    assert parameter_sets(data) == b""
