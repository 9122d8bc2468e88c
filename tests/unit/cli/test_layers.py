import pytest

from edge_vsr.cli.layers import mistyped_variables
from edge_vsr.cli.run import KEYS


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("EDGE_VSR_SPOL_MB", ["the variable EDGE_VSR_SPOL_MB sets nothing; did you mean EDGE_VSR_SPOOL_MB?"]),
        (
            "EDGE_VSR_UPLINK_TOKENS",
            ["the variable EDGE_VSR_UPLINK_TOKENS sets nothing; did you mean EDGE_VSR_UPLINK_TOKEN?"],
        ),
        ("EDGE_VSR_SPOOL_MB", []),
        ("EDGE_VSR_CONFIG", []),
        ("EDGE_VSR_KILLS", []),
        ("SPOOL_MB", []),
    ],
)
def test_a_variable_with_a_slip_is_noticed(name: str, says: list[str]) -> None:
    assert list(mistyped_variables(KEYS, {name: "S3CR3T"})) == says
