"""Where a box keeps what it found out about itself."""

from pathlib import Path

import pytest

from edge_vsr.places import SYSTEM, place_to_save, places


def test_a_state_directory_comes_before_the_user_s_and_the_machine_s(tmp_path: Path) -> None:
    variables = {"STATE_DIRECTORY": "/var/lib/edge-vsr/front", "XDG_STATE_HOME": str(tmp_path)}
    assert list(places(variables)) == [
        Path("/var/lib/edge-vsr/front"),
        tmp_path / "edge-vsr",
        SYSTEM,
    ]


@pytest.mark.parametrize(
    ("variables", "root", "saved"),
    [
        ({"HOME": "/home/x"}, True, SYSTEM),
        ({"XDG_STATE_HOME": "/x"}, True, "/x/edge-vsr"),
        ({"XDG_STATE_HOME": "/x"}, False, "/x/edge-vsr"),
        ({"STATE_DIRECTORY": "/s"}, False, "/s"),
    ],
)
def test_root_saves_for_the_machine(variables: dict[str, str], root: bool, saved: Path | str) -> None:
    assert place_to_save(variables, root=root) == Path(saved)
