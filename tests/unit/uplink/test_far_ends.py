import pytest

from edge_vsr.errors import UsageError
from edge_vsr.uplink.far_ends import FarEnds, split

SECRET = "s3cr3t"
HTTP, RTSP = f"https://u:{SECRET}@host/a", f"rtsp://u:{SECRET}@host/a"


@pytest.mark.parametrize(
    ("text", "far_ends"),
    [
        ("", []),
        (" \n ", []),
        (HTTP, [HTTP]),
        (f"{HTTP} {RTSP}", [HTTP, RTSP]),
        (f" {HTTP}\n{RTSP}\n", [HTTP, RTSP]),
        ("/mnt/my folder", ["/mnt/my folder"]),
        (f"/mnt/my folder {RTSP}", ["/mnt/my folder", RTSP]),
        (f"{RTSP}\n/mnt/my folder", [RTSP, "/mnt/my folder"]),
    ],
)
def test_two_far_ends_in_one_variable(text: str, far_ends: list[str]) -> None:
    assert split(text) == far_ends


@pytest.mark.parametrize("specs", [[HTTP], [RTSP], ["out"], [""]])
def test_one_is_the_main_one_of_whichever_kind(specs: list[str]) -> None:
    assert FarEnds.of(specs) == FarEnds(specs[0])


@pytest.mark.parametrize("kept", [HTTP, "out"])
def test_of_two_the_one_that_keeps_segments_is_the_main_one(kept: str) -> None:
    assert FarEnds.of([kept, RTSP]) == FarEnds.of([RTSP, kept]) == FarEnds(kept, RTSP)


@pytest.mark.parametrize("specs", [[], [HTTP, HTTP], [RTSP, RTSP], ["out", HTTP, RTSP], [HTTP, ""]])
def test_what_does_not_go_together_is_refused_without_a_secret(specs: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        FarEnds.of(specs)
    assert SECRET not in str(caught.value)


def test_its_repr_has_no_secret() -> None:
    assert SECRET not in repr(FarEnds.of([HTTP, RTSP]))
