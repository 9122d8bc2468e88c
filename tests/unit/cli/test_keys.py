"""The schema, and what of a TOML file fits into it."""

import math
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.cli.keys import _ALWAYS, _ITS_SECRETS, Key
from edge_vsr.cli.run import KEYS
from edge_vsr.config import SuperResolution
from edge_vsr.rung import Rung


def test_every_flag_of_run_is_a_key_and_nothing_else() -> None:
    assert {"camera", "uplink", "spool_mb", "uplink_token_file"} <= KEYS.keys()
    assert not {"context", "config", "check"} & KEYS.keys()


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_key_is_explained_and_its_default_is_allowed(key: Key) -> None:
    assert key.help.endswith("."), f"{key.name}: {key.help!r}"
    if key.default is not None:
        written = key.default.value if key.choices and hasattr(key.default, "value") else key.default
        assert key.typed(written) == key.default


def test_what_is_live_is_a_key() -> None:
    assert KEYS.keys() >= _ALWAYS | _ITS_SECRETS


@pytest.mark.parametrize(
    ("name", "value", "typed"),
    [
        ("camera", 0, "0"),
        ("fps", 15, "15"),
        ("fps", "30000/1001", "30000/1001"),
        ("seconds", 3, 3.0),
        ("threads", 2, 2),
        ("sr", "on", SuperResolution.ON),
        ("rung", "low", Rung.LOW),
        ("order", "newest-first", "newest-first"),
        ("uplink_verify", False, False),
        ("spool", "/var/spool", Path("/var/spool")),
        ("uplink", "a folder", ["a folder"]),
        ("uplink", ["out", "rtsp://h/x"], ["out", "rtsp://h/x"]),
    ],
)
def test_a_value_gets_the_key_s_type(name: str, value: object, typed: object) -> None:
    assert KEYS[name].typed(value) == typed
    assert type(KEYS[name].typed(value)) is type(typed)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("threads", 0, "a whole number, 1..256"),
        ("threads", 1.5, "a whole number"),
        ("threads", True, "a whole number"),
        ("threads", "2", "a whole number"),
        ("seconds", math.nan, "a number, 0.1 or more"),
        ("seconds", math.inf, "a number, 0.1 or more"),
        ("seconds", True, "a number"),
        ("sr", "maybe", "one of auto, on, off"),
        ("sr", True, "one of auto, on, off"),
        ("order", "random", "one of oldest-first, newest-first"),
        ("uplink_verify", "yes", "true or false"),
        ("uplink_verify", 1, "true or false"),
        ("camera", True, "a text"),
        ("camera", ["0"], "a text"),
        ("uplink", ["out", 3], "a list of texts"),
        ("uplink", 3, "a list of texts"),
        ("spool", "", "a path"),
        ("spool", 3, "a path"),
        ("spool", "a\0b", "a path"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(name: str, value: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        KEYS[name].typed(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(key=st.sampled_from(list(KEYS.values())), value=VALUES)
def test_any_value_is_typed_or_refused(key: Key, value: object) -> None:
    with suppress(ValueError):
        typed = key.typed(value)
        assert isinstance(typed, bool | int | float | str | Path | SuperResolution | Rung | list), key.name
