"""The commented example is the schema, written down."""

import tomllib
from pathlib import Path

import pytest

from edge_vsr.cli.config_file import read_config
from edge_vsr.cli.example import EXAMPLES, NEEDED, example
from edge_vsr.cli.keys import Key
from edge_vsr.cli.run import KEYS

SHIPPED = Path(__file__).parents[3] / "systemd" / "example.toml"


def test_the_shipped_example_is_the_schema_s() -> None:
    assert SHIPPED.read_text() == example(KEYS), "run: edge-vsr config init - > systemd/example.toml"


def test_it_can_be_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(example(KEYS))
    assert set(read_config(path, KEYS)) == set(NEEDED)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_each_line_that_is_commented_out_is_a_default_or_fits(key: Key) -> None:
    marker = "" if key.name in NEEDED else "# "
    (line,) = (
        line.removeprefix(marker) for line in example(KEYS).splitlines() if line.startswith(f"{marker}{key.name} = ")
    )
    typed = key.typed(tomllib.loads(line)[key.name])
    assert key.default is None or typed == key.default


def test_examples_are_of_keys() -> None:
    assert EXAMPLES.keys() <= KEYS.keys()
