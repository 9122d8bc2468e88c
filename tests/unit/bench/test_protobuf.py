"""Written by hand and read by the real library."""

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.bench.protobuf import message


@given(
    dims=st.lists(st.integers(0, 2**63 - 1), max_size=4),
    kind=st.integers(0, 2**31 - 1),
    name=st.text(),
    raw=st.binary(max_size=300),
)
def test_the_library_reads_what_was_written(dims: list[int], kind: int, name: str, raw: bytes) -> None:
    read = onnx.TensorProto.FromString(message((1, dims), (2, kind), (8, name), (9, raw)))
    assert (list(read.dims), read.data_type, read.name, read.raw_data) == (dims, kind, name, raw)


def test_what_is_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        message((1, -1))
