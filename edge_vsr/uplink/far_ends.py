"""Which far ends a user names: one, or one that keeps segments and a live one besides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from edge_vsr.errors import UsageError
from edge_vsr.uplink.open import is_live

_BETWEEN = re.compile(r"\n|\s+(?=[A-Za-z][A-Za-z0-9+.-]*://)")


def split(text: str) -> list[str]:
    """The far ends in one text: one a line, and a blank before an address begins another. Folders may have blanks."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


@dataclass(frozen=True, slots=True)
class FarEnds:
    """Where one run sends to."""

    main: str = field(repr=False)
    """The one that the spool is for."""
    live: str | None = field(default=None, repr=False)
    """One that gets the pictures at once besides; never with a live `main`."""

    @classmethod
    def of(cls, specs: Sequence[str]) -> Self:
        """Tell two apart, in whichever order they come. Raises UsageError, without repeating an address."""
        if not specs:
            raise UsageError(
                "no far end is given; give --uplink, EDGE_VSR_UPLINK in the environment, or uplink in the configuration"
            )
        if len(specs) == 1:
            return cls(specs[0])
        live = [spec for spec in specs if is_live(spec)]
        kept = [spec for spec in specs if not is_live(spec)]
        if len(live) != 1 or len(kept) != 1:
            raise UsageError(
                f"--uplink is given {len(specs)} times, {len(live)} of them live; "
                "two go together where one of them is live and the other keeps segments"
            )
        return cls(kept[0], live[0])
