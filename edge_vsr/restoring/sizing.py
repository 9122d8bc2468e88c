"""One size for all that comes: what was sent changes its size with the rung. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from edge_vsr.frame import Size


@dataclass(frozen=True, slots=True)
class Sizing:
    """How frames of any size become frames of one."""

    output: Size
    scale: int
    """Of the network, each way."""

    @classmethod
    def of(cls, sizes: Iterable[Size], scale: int) -> Self:
        """For frames of `sizes`, as far as they are known: the smallest enlarged, but nothing that was sent made
        smaller. With `low`, `native` and `enhanced` that is the size of `enhanced`, and its frames are not touched."""
        by_area = sorted(sizes, key=lambda size: size.width * size.height)
        return cls(max(by_area[0].times(scale), by_area[-1], key=lambda size: size.width * size.height), scale)

    def enlarges(self, size: Size) -> bool:
        """Whether the network takes frames of `size` nearer to the output, by the ratio of their areas."""
        return self.output.width * self.output.height > self.scale * size.width * size.height
