"""A camera that has shown what it delivers, checked before anything is written for it."""

import logging
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from edge_vsr.camera.base import Camera
from edge_vsr.codec.encoder import check_encodable
from edge_vsr.config import RunConfig
from edge_vsr.errors import EncoderError, InputError, UsageError
from edge_vsr.frame import Frame, Size
from edge_vsr.policy.ladder import Limits
from edge_vsr.rung import Rung
from edge_vsr.sr.upscaler import Upscaler, check_memory
from edge_vsr.stages.prepare import cropped_even, halved_size

log = logging.getLogger(__name__)

USUAL_RATE = Fraction(25)
"""Frames a second assumed of a camera that names none."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a run is made from."""

    camera: Camera
    first: Frame
    upscaler: Upscaler | None
    limits: Limits
    """What the user allows and the encoder can take."""

    @classmethod
    def checked(cls, config: RunConfig, camera: Camera, upscaler: Upscaler | None) -> Self:
        """Read the first frame.

        Raises InputError if there is none, EncoderError if its size cannot be encoded, UsageError if it has to be
        super-resolved and there is no memory for that.
        """
        first = camera.read()
        if first is None:
            raise InputError(f"{camera.name} has no frames")
        return cls(camera, first, upscaler, _limits(config, cropped_even(first).size, upscaler))

    @property
    def rate(self) -> Fraction:
        """Nominal frames a second."""
        return self.camera.rate or USUAL_RATE

    @property
    def sizes(self) -> dict[Rung, Size]:
        """Of the pictures on each rung."""
        return _sizes(cropped_even(self.first).size, self.upscaler)

    def limits_for(self, config: RunConfig) -> Limits:
        """Those of another configuration, for the same camera. Raises UsageError and EncoderError."""
        if config.most is Rung.ENHANCED and self.upscaler is None:
            raise UsageError("the run was started without super-resolution; restart it to have it")
        return _limits(config, cropped_even(self.first).size, self.upscaler)


def _limits(config: RunConfig, size: Size, upscaler: Upscaler | None) -> Limits:
    sizes = _sizes(size, upscaler)
    rungs = list(Rung)
    asked = rungs[rungs.index(config.least) : rungs.index(config.most) + 1]
    possible = [rung for rung in asked if _encodable(sizes[rung])]
    too_large = _too_large(upscaler, size) if Rung.ENHANCED in possible and upscaler else None
    if too_large:
        possible.remove(Rung.ENHANCED)
    if Rung.LOW in asked and Rung.LOW not in possible and len(possible) > 1:
        # Without `low` the policy would come to stills from far too many bits.
        possible.remove(Rung.STILL)
    if not possible:
        check_encodable(sizes[Rung.NATIVE])
        check_encodable(sizes[config.least])
        if too_large:
            raise too_large
    if too_large:
        log.warning("nothing is super-resolved: %s", too_large)
    return Limits(possible[0], possible[-1])


def _sizes(size: Size, upscaler: Upscaler | None) -> dict[Rung, Size]:
    return {
        Rung.STILL: size,
        Rung.LOW: halved_size(size),
        Rung.NATIVE: size,
        Rung.ENHANCED: size.times(upscaler.scale if upscaler else 1),
    }


def _too_large(upscaler: Upscaler, size: Size) -> UsageError | None:
    """What stands against it in memory."""
    try:
        check_memory(upscaler, size)
    except UsageError as error:
        return error
    return None


def _encodable(size: Size) -> bool:
    try:
        check_encodable(size)
    except EncoderError:
        return False
    return True
