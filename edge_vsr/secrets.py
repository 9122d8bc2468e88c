"""Secrets that stand neither on the command line nor in the configuration."""

import os
from collections.abc import Mapping
from pathlib import Path

from edge_vsr.errors import UsageError

LARGEST = 65_536
"""Bytes; what is larger is no secret of ours."""


def find_secret(name: str, file: Path | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """The secret called `name`, such as "uplink_token"; None if there is none.

    EDGE_VSR_NAME counts first, then `file`, then systemd's credential of that name. White space around it is left out.
    Raises UsageError for a file that cannot be read or has nothing in it.
    """
    if value := environment.get(f"EDGE_VSR_{name.upper()}", "").strip():
        return value
    if file is not None:
        return _read(file)
    return credential(name, environment)


def credential(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """What systemd's LoadCredential=NAME:... hands over (systemd.exec(5), "Credentials"); None if nothing."""
    folder = environment.get("CREDENTIALS_DIRECTORY")
    path = Path(folder or "/nonexistent") / name
    return _read(path) if folder and path.exists() else None


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1).decode().strip()
    except OSError as error:
        raise UsageError(f"cannot read the secret in {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"the secret in {path} is no text") from None
    if not text or len(text) > LARGEST:
        raise UsageError(f"{path} should hold a secret, and {'is too large' if text else 'has nothing in it'}")
    return text
