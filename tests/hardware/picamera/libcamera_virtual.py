"""Makes picamera2 accept libcamera's virtual camera. Only what no real camera would need is here.

`python libcamera_virtual.py run ...` is `edge-vsr run ...` with it.
"""

import sys
from typing import Any
from unittest.mock import MagicMock


def accept_virtual_camera() -> None:
    """Patch picamera2, once in each process and before the first camera is opened."""
    # Its DRM preview imports this at once. It comes with Raspberry Pi OS and not with Debian.
    sys.modules.setdefault("pykms", MagicMock())

    from picamera2 import Picamera2
    from picamera2.allocators import LibcameraAllocator

    initialize = Picamera2.__init__

    def initialize_with_its_allocator(self: Any, *args: Any, **kwargs: Any) -> None:
        initialize(self, *args, **kwargs)
        # The usual one gives each picture one plane; the virtual camera wants the two of NV12.
        self.allocator = LibcameraAllocator(self.camera)

    Picamera2.__init__ = initialize_with_its_allocator
    # A virtual camera has no sensor behind it and so no Raw role.
    Picamera2._get_raw_modes = lambda self: [{"format": "NV12", "size": (1280, 720)}]


if __name__ == "__main__":
    accept_virtual_camera()
    from edge_vsr.cli import main

    main()
