import pytest

from edge_vsr.cli.hide import shown_again, without_addresses

URL = "https://u:S3CR3T@host/x"


@pytest.mark.parametrize(
    "words",
    [
        ["python", "edge-vsr", "run", "--uplink", "out", "--camera", "demo"],
        ["python", "edge-vsr", "run", "--uplink"],
        ["python", "edge-vsr", "models"],
        ["python", "edge-vsr", "run", "--seconds", "3"],
    ],
)
def test_without_an_address_the_command_line_stays(words: list[str]) -> None:
    assert without_addresses(words) is None


@pytest.mark.parametrize("uplink", [["--uplink", URL], [f"--uplink={URL}"]])
def test_an_address_goes_to_the_environment(uplink: list[str]) -> None:
    words = ["python", "edge-vsr", "run", "--seconds", "3", *uplink, "--camera", "demo", "--sr=off"]
    assert without_addresses(words) == (
        ["python", "edge-vsr", "run", "--seconds", "3", "--sr=off"],
        {"EDGE_VSR_UPLINK": URL, "EDGE_VSR_CAMERA": "demo"},
    )


def test_of_two_cameras_the_last_counts_and_of_two_uplinks_both() -> None:
    words = ["python", "edge-vsr", "--camera", "0", "--camera", "1", "--uplink", "my folder", f"--uplink={URL}"]
    assert without_addresses(words) == (
        ["python", "edge-vsr"],
        {"EDGE_VSR_CAMERA": "1", "EDGE_VSR_UPLINK": f"my folder\n{URL}"},
    )


def test_what_has_no_address_left_is_not_started_again() -> None:
    hidden = without_addresses(["python", "edge-vsr", "run", "--uplink", URL])
    assert hidden is not None
    assert without_addresses(hidden[0]) is None


def test_what_restore_reads_and_writes_is_taken_off_and_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["python", "edge-vsr", "restore", URL, "out.mp4", "--seconds", "3"]
    hidden = without_addresses(words)
    assert hidden is not None
    left, variables = hidden
    assert not any("S3CR3T" in word for word in left)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert [shown_again(word) for word in left] == words
    assert without_addresses(left) is None
