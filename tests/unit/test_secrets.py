from pathlib import Path

import pytest

from edge_vsr.errors import UsageError
from edge_vsr.secrets import LARGEST, find_secret

TOKEN = "S3CR3T"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("from the file\n")
    return file


@pytest.fixture
def credentials(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "uplink_token").write_text(" from systemd\n")
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_the_environment_counts_before_the_file_and_that_before_a_credential(
    file: Path, credentials: dict[str, str]
) -> None:
    variable = {"EDGE_VSR_UPLINK_TOKEN": "from the environment"}
    assert find_secret("uplink_token", file, {**credentials, **variable}) == "from the environment"
    assert find_secret("uplink_token", file, credentials) == "from the file"
    assert find_secret("uplink_token", None, credentials) == "from systemd"


def test_there_may_be_none(credentials: dict[str, str]) -> None:
    assert find_secret("uplink_token", None, {}) is None
    assert find_secret("uplink_token", None, {"EDGE_VSR_UPLINK_TOKEN": " "}) is None
    assert find_secret("other", None, credentials) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "nothing in it"), (b" \n", "nothing in it"), (b"\xff\xfe", "no text"), (b"x" * (LARGEST + 1), "too large")],
)
def test_a_file_without_a_secret_is_an_error(file: Path, content: bytes, says: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UsageError, match=says):
        find_secret("uplink_token", file, {})


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the secret in .*: No such file"):
        find_secret("uplink_token", tmp_path / "none", {})
