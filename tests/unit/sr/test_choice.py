from dataclasses import replace

import pytest

from edge_vsr.sr.choice import choose
from edge_vsr.sr.store import Model, bundled_store

SMALL = replace(bundled_store().find("ear-s-x2"), source="clean")
MIDDLE = replace(bundled_store().find("ear-m-x2"), source="clean")
SMALL_VIDEO = replace(SMALL, name="ear-s-x2-video", source="lossy")
MIDDLE_VIDEO = replace(MIDDLE, name="ear-m-x2-video", source="lossy")
FOURFOLD = replace(SMALL_VIDEO, name="ear-s-x4", scale=4, parameters=1)
ALL = (MIDDLE_VIDEO, FOURFOLD, MIDDLE, SMALL, SMALL_VIDEO)


@pytest.mark.parametrize(
    ("models", "lossy", "like", "chosen", "because"),
    [
        (ALL, True, None, "ear-s-x2-video", "the source is coded with loss"),
        (ALL, False, None, "ear-s-x2", "the source is not coded with loss"),
        ((SMALL, MIDDLE, MIDDLE_VIDEO), True, None, "ear-m-x2-video", "the source is coded with loss"),
        ((SMALL, MIDDLE), True, None, "ear-s-x2", "the source is coded with loss, and there is none for that"),
        (
            (SMALL_VIDEO,),
            False,
            None,
            "ear-s-x2-video",
            "the source is not coded with loss, and there is none for that",
        ),
        (ALL, True, "ear-m-x2", "ear-m-x2-video", "the source is coded with loss"),
        (ALL, False, "ear-m-x2-video", "ear-m-x2", "the source is not coded with loss"),
        (
            (SMALL, MIDDLE_VIDEO),
            True,
            "ear-s-x2",
            "ear-s-x2",
            "the source is coded with loss, and there is none for that as fast",
        ),
        (ALL, True, "ear-s-x4", "ear-s-x4", "the source is coded with loss"),
        (ALL, True, "gone", "ear-s-x2-video", "the source is coded with loss"),
        ((FOURFOLD,), True, None, "bicubic", "there is no network"),
        ((), False, None, "bicubic", "there is no network"),
    ],
)
def test_a_network_suits_the_source(
    models: tuple[Model, ...], lossy: bool, like: str | None, chosen: str, because: str
) -> None:
    choice = choose(models, lossy=lossy, like=like)
    assert (choice.name, choice.reason) == (chosen, because)
