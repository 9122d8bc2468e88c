import subprocess
from typing import Any

import pytest

from edge_vsr.errors import UplinkAway
from edge_vsr.uplink.live import LiveMuxer
from tests.unit.codec.pictures import SMALL, encoded, noise


def test_a_muxer_that_cannot_be_started_is_a_far_end_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: Any, **__: Any) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", busy)
    uplink = LiveMuxer("rtsp://u:s3cr3t@127.0.0.1/x")
    with pytest.raises(UplinkAway, match="cannot start its muxer process: Resource temporarily") as told:
        uplink.push(encoded(list(noise(1, SMALL)))[0])
    assert "s3cr3t" not in str(told.value)
    assert not uplink.connected
