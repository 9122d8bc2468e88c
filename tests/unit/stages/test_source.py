import pytest

from edge_vsr.camera.fake import FakeCamera, gray_frame
from edge_vsr.clock import SystemClock
from edge_vsr.config import RunConfig, SuperResolution
from edge_vsr.errors import EncoderError, InputError, UsageError
from edge_vsr.frame import Size
from edge_vsr.policy.ladder import Limits
from edge_vsr.rung import Rung
from edge_vsr.sr.budget import Budget
from edge_vsr.sr.changes.upscaler import KeptTilesUpscaler
from edge_vsr.sr.upscaler import BicubicUpscaler, NetworkUpscaler, open_upscaler
from edge_vsr.stages.source import Source

AUTO = RunConfig("fake", "out")
OFF = RunConfig("fake", "out", sr=SuperResolution.OFF)
ON = RunConfig("fake", "out", sr=SuperResolution.ON)
LOW = RunConfig("fake", "out", rung=Rung.LOW)


def limits(config: RunConfig, size: Size) -> Limits:
    upscaler = BicubicUpscaler() if config.most is Rung.ENHANCED else None
    return Source.checked(config, FakeCamera([gray_frame(size=size)]), upscaler).limits


@pytest.mark.parametrize(
    ("config", "size", "expected"),
    [
        (AUTO, Size(640, 360), Limits(Rung.STILL, Rung.ENHANCED)),
        (OFF, Size(640, 360), Limits(Rung.STILL, Rung.NATIVE)),
        (ON, Size(640, 360), Limits(Rung.ENHANCED, Rung.ENHANCED)),
        (AUTO, Size(4608, 2592), Limits(Rung.STILL, Rung.NATIVE)),
        (AUTO, Size(30, 30), Limits(Rung.NATIVE, Rung.ENHANCED)),
        (OFF, Size(9000, 100), Limits(Rung.LOW, Rung.LOW)),
        (AUTO, Size(641, 361), Limits(Rung.STILL, Rung.ENHANCED)),
    ],
)
def test_the_policy_may_choose_what_can_be_encoded(config: RunConfig, size: Size, expected: Limits) -> None:
    assert limits(config, size) == expected


@pytest.mark.parametrize(
    ("config", "size", "message"),
    [
        (OFF, Size(17_000, 20), "cannot take 17000x20.*try 8192x20"),
        (OFF, Size(8, 8), "cannot take 8x8.*try 16x16"),
        (ON, Size(4608, 2592), "cannot take 9216x5184.*try 8192x5184"),
        (LOW, Size(20, 20), "cannot take 10x10.*try 16x16"),
    ],
)
def test_a_size_that_cannot_be_encoded_at_all_is_refused(config: RunConfig, size: Size, message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        limits(config, size)


@pytest.mark.parametrize("kept", [False, True], ids=["whole frames", "only what changed"])
def test_without_memory_for_the_network_the_policy_goes_on_without_it(
    caplog: pytest.LogCaptureFixture, *, kept: bool
) -> None:
    network = open_upscaler("ear-s-x2", runtime="onnxruntime", threads=1, budget=Budget(1))
    assert isinstance(network, NetworkUpscaler)
    upscaler = KeptTilesUpscaler(network.network, SystemClock(), tile_for=network.tile_for) if kept else network
    source = Source.checked(AUTO, FakeCamera([gray_frame(size=Size(640, 360))]), upscaler)
    assert source.limits == Limits(Rung.STILL, Rung.NATIVE)
    assert "nothing is super-resolved: 0M of memory cannot hold" in caplog.text
    with pytest.raises(UsageError, match="give --memory"):
        Source.checked(ON, FakeCamera([gray_frame(size=Size(640, 360))]), upscaler)


def test_a_camera_without_a_frame_is_refused() -> None:
    with pytest.raises(InputError, match="fake has no frames"):
        Source.checked(AUTO, FakeCamera([]), None)
