"""Reading a configuration file, good and bad."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.cli.config_file import LARGEST, read_config, shows_secret_to_others
from edge_vsr.cli.run import KEYS
from edge_vsr.errors import UsageError
from edge_vsr.rung import Rung

SECRET = "S3CR3T"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "front.toml"


def test_a_file_sets_what_it_names_and_nothing_else(file: Path) -> None:
    file.write_text('camera = 0\nrung = "low"\nspool_mb = 20\n')
    assert read_config(file, KEYS) == {"camera": "0", "rung": Rung.LOW, "spool_mb": 20.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("spool-mb = 3", "no key 'spool-mb'; did you mean spool_mb?"),
        ("Camera = 'demo'", "no key 'Camera'; did you mean camera?"),
        ("paralel = 3", "did you mean parallel?"),
        ("xyzzy = 3", "config init -`"),
        ("camra = 'demo'\nxyzzy = 3", "no keys 'camra' (did you mean camera?), 'xyzzy'; `edge-vsr config init -`"),
        ("\n".join(f"x{n} = 3" for n in range(9)), "'x4' and 4 more; "),
        ("config = 'other.toml'", "no key 'config'"),
        ("[spool]\nmb = 3", "spool is a table; keys stand alone"),
        ("threads = 0", "threads: give a whole number, 1..256"),
        (f"threads = '{SECRET}'", "threads: give a whole number, 1..256"),
        ("camera = ", "is not TOML: "),
        ("camera = 'a'\ncamera = 'b'", "is not TOML: "),
        ("x = " + "[" * 20_000, "is not TOML: "),
        ("x = " + "9" * 5_000, "is not TOML: "),
        ("#" * (LARGEST + 1), "is larger than 1 MiB"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_name_and_what_would_do(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError) as refused:
        read_config(file, KEYS)
    message = str(refused.value)
    assert says in message
    assert str(file) in message
    assert SECRET not in message


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no configuration .*; `edge-vsr config init .*none.toml` makes one"):
        read_config(tmp_path / "none.toml", KEYS)
    with pytest.raises(UsageError, match="Is a directory; give a file"):
        read_config(tmp_path, KEYS)
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UsageError, match="is a pipe, which may never end"):
        read_config(tmp_path / "pipe.toml", KEYS)


def test_a_file_that_is_no_text_is_said_to_be_none(file: Path) -> None:
    file.write_bytes(b"\xff\xfec\x00")
    with pytest.raises(UsageError, match="it is no text, or not in UTF-8"):
        read_config(file, KEYS)


def test_a_mark_at_the_beginning_is_passed_over(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbfcamera = "demo"\n')
    assert read_config(file, KEYS) == {"camera": "demo"}


def test_what_a_shell_pipes_in_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b'camera = "demo"\n')
    os.close(writer)
    assert read_config(Path(f"/dev/fd/{reader}"), KEYS) == {"camera": "demo"}
    os.close(reader)


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_in_it_ends_in_settings_or_in_one_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(data)
    with suppress(UsageError):
        assert read_config(file, KEYS).keys() <= KEYS.keys()


@pytest.mark.parametrize(
    ("mode", "uplink", "shown"),
    [
        (0o644, f"https://u:{SECRET}@h/", True),
        (0o640, f"https://u:{SECRET}@h/", True),
        (0o600, f"https://u:{SECRET}@h/", False),
        (0o644, "https://h/", False),
    ],
)
def test_a_secret_that_others_can_read_is_noticed(file: Path, mode: int, uplink: str, shown: bool) -> None:
    file.touch()
    file.chmod(mode)
    assert shows_secret_to_others(file, {"uplink": uplink}) is shown
