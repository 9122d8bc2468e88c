"""Camera to uplink with super-resolution, for small boxes at the end of thin links."""

import sys

__version__ = "0.1.0"

# OpenVINO tells Google Analytics about every import, in a process of its own and over the box's thin link; without this
# package it does not. Here, for it must be known before anything imports OpenVINO.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
