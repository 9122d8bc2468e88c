"""ARM's results against those that x86-64 gave in the same run; `run` beside this file makes both machines."""

import os
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_vsr.sr.engines import open_runtime
from edge_vsr.sr.store import bundled_store
from tests.arm64.results import ODD, SMALL, NotedNetwork

Arrays = Mapping[str, NDArray[Any]]


@pytest.fixture(scope="module")
def expected() -> Arrays:
    """What `results` wrote on x86-64."""
    with np.load(os.environ["EDGE_VSR_RESULTS"], allow_pickle=False) as arrays:
        return dict(arrays)


def planes(expected: Arrays, runtime: str) -> dict[str, NDArray[np.uint8]]:
    """The pictures by name, for OpenVINO the small ones: it recompiles for every size, and an emulator is slow."""
    found = {name: plane for name, plane in expected.items() if "/" not in name}
    if runtime == "openvino":
        return {name: plane for name, plane in found.items() if plane.shape == (SMALL, SMALL)}
    return found


def test_this_is_an_arm_machine_and_takes_onnx_runtime() -> None:
    assert platform.machine() == "aarch64"
    assert open_runtime().name == "onnxruntime"


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("model", bundled_store().models)
def test_every_step_is_bit_for_bit_that_of_x86(model: str, runtime: str, expected: Arrays) -> None:
    chosen = planes(expected, runtime)
    assert len(chosen) >= 3, f"too few pictures: {list(chosen)}"
    network = NotedNetwork(model, runtime)
    for picture, y in chosen.items():
        for step, codes in network.steps(y):
            apart = np.argwhere(codes != expected[f"{picture}/{model}/{step}"])
            assert not len(apart), f"{picture}: {step} is the first to differ, in {len(apart)} of {codes.size} codes"


@pytest.mark.parametrize("model", bundled_store().models)
def test_tiles_give_the_whole_picture_of_x86(model: str, expected: Arrays) -> None:
    network = NotedNetwork(model, "onnxruntime")
    tiled = network.restore_by_tiles(expected[ODD])
    apart = np.argwhere(tiled != expected[f"{ODD}/{model}/restored picture"])
    assert not len(apart), f"{len(apart)} of {tiled.size} samples differ, the first at {apart[0]}"
