"""What is kept for `run` and `restore`, and when it counts."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr import places
from edge_vsr.bench import profile
from edge_vsr.bench.profile import FORMAT, WHAT, Here, Profile, find
from edge_vsr.errors import OutputError
from edge_vsr.places import check_place

PROFILE = Profile(
    version="0.1.0",
    processor="A processor",
    cpus=4,
    made="2026-01-01T00:00:00+00:00",
    model="ear-s-x2",
    runtime="openvino",
    threads=4,
    tile="whole",
    least="still",
    most="enhanced",
    because=("it is fast",),
)
HERE = Here("0.1.0", "A processor", 4, ("onnxruntime", "openvino"), ("ear-s-x2",))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a user's profile is, who has nothing else."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(places, "SYSTEM", tmp_path / "system")
    return tmp_path / "edge-vsr" / "profile.json"


def test_what_was_saved_is_found(place: Path) -> None:
    PROFILE.save(place)
    found = find(HERE)
    assert (found.profile, found.path, found.ignored) == (PROFILE, place, ())


def test_without_a_profile_there_is_nothing_to_say(place: Path) -> None:
    assert find(HERE) == profile.Search()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": "0.2.0"}, "it is of edge-vsr 0.1.0, this is 0.2.0"),
        ({"processor": "Another"}, "it is of 'A processor', this is 'Another'"),
        ({"cpus": 2}, "it is for 4 processors, here are 2"),
        ({"runtimes": ("onnxruntime",)}, "openvino is no longer installed"),
        ({"models": ("ear-m-x2",)}, "there is no model ear-s-x2 any more"),
    ],
)
def test_a_profile_of_another_box_or_version_is_ignored_in_one_line(
    place: Path, change: dict[str, Any], says: str
) -> None:
    PROFILE.save(place)
    found = find(replace(HERE, **change))
    assert found.profile is None
    assert found.ignored == (f"the profile {place} is ignored: {says}; `edge-vsr bench --save` makes a new one",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        json.dumps({**asdict(PROFILE), "format": FORMAT + 1}),
        json.dumps({"format": FORMAT}),
        json.dumps({"format": FORMAT, **asdict(PROFILE), "another": 1}),
        *(
            json.dumps({"format": FORMAT, **asdict(PROFILE), **wrong})
            for wrong in (
                {"threads": "4"},
                {"threads": True},
                {"threads": 0},
                {"threads": 257},
                {"tile": "large"},
                {"model": "../../etc/passwd"},
                {"model": None},
                {"runtime": "another"},
                {"most": "best"},
            )
        ),
    ],
)
def test_a_damaged_profile_is_ignored_in_one_line(place: Path, text: str) -> None:
    place.parent.mkdir()
    place.write_text(text)
    found = find(HERE)
    assert found.profile is None
    assert [line.count("\n") for line in found.ignored] == [0]
    assert "is damaged" in found.ignored[0]


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "profile.json"
    path.write_bytes(data)
    with pytest.raises(ValueError):
        Profile.read(path)


def test_a_place_that_cannot_be_written_is_told_before_the_benchmark(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "edge-vsr" / "profile.json"
    with pytest.raises(OutputError, match=r"cannot save the profile .*; set XDG_STATE_HOME"):
        check_place(path, WHAT)
    with pytest.raises(OutputError, match=r"cannot save the profile .*; set XDG_STATE_HOME"):
        PROFILE.save(path)


def test_only_what_differs_from_the_usual_is_set() -> None:
    assert PROFILE.settings() == {"model": "ear-s-x2", "runtime": "openvino", "threads": 4}
    small = replace(PROFILE, tile="512x256", most="native")
    assert small.settings() == {**PROFILE.settings(), "tile": "512x256", "sr": "off"}
