import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.calibration.original import Original
from edge_vsr.errors import ModelError
from tests.unit.calibration.networks import tiny, tiny_grids


def test_what_is_read_is_what_was_written() -> None:
    net = tiny()
    made = Original(net, tiny_grids(), 7)
    again = Original.from_bytes(made.to_bytes(), "tiny")
    assert (again.grids, again.steps, again.net.layout) == (made.grids, 7, net.layout)
    for ours, theirs in zip(again.net.learnt, net.learnt, strict=True):
        np.testing.assert_array_equal(ours.weight, theirs.weight.astype(np.float32))
        np.testing.assert_array_equal(ours.bias, theirs.bias)
        assert (ours.stride, ours.padding) == (theirs.stride, theirs.padding)
    assert again.to_bytes() == made.to_bytes()


def test_weights_as_they_were_rounded_are_near_to_what_they_were() -> None:
    net = tiny()
    made = Original(net, tiny_grids(), 0)
    once = made.as_learnt()
    assert np.abs(once.join.weight - net.join.weight).max() > 0
    for before, after in zip(net.learnt, once.learnt, strict=True):
        # Half a step of 127, of a channel's largest; the last convolution's step is given.
        assert np.abs(after.weight - before.weight).max() < 0.02 * np.abs(before.weight).max() + 0.01


@given(st.binary(max_size=100))
def test_bytes_that_are_none_are_told_in_one_line(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"^x is no float original .*; reinstall edge-vsr$"):
        Original.from_bytes(data, "x")


def test_one_that_was_cut_short_is_told() -> None:
    net = tiny()
    data = Original(net, tiny_grids(), 0).to_bytes()
    with pytest.raises(ModelError):
        Original.from_bytes(data[: len(data) // 2], "x")
