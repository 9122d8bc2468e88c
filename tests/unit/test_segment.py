import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_vsr.segment import SegmentInfo, SegmentNames, check_name, follows
from tests.unit.uplink.segments import NAMES, info


def test_a_description_survives_json() -> None:
    assert SegmentInfo.from_json(info(17).to_json()) == info(17)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "unknown colour"),
        ({"frames": None}, "frames .* None"),
        ({"frames": True}, "frames .* True"),
        ({"name": "../etc/passwd"}, "plain file name"),
        ({"name": ".hidden"}, "plain file name"),
        ({"start": float("nan")}, "no date"),
        ({"duration": -1.0}, "lasts -1"),
        ({"width": -1}, "negative width"),
        ({"uptime": float("inf")}, "after the start of the machine"),
        ({"boot": None}, "boot .* None"),
    ],
)
def test_a_wrong_description_says_what_is_wrong(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SegmentInfo.from_json(json.dumps({**json.loads(info(0).to_json()), **change}))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000])
def test_what_is_no_description_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        SegmentInfo.from_json(text)


def test_a_missing_key_is_named() -> None:
    found = json.loads(info(0).to_json())
    del found["rung"]
    with pytest.raises(ValueError, match="lacks rung"):
        SegmentInfo.from_json(json.dumps(found))


def test_names_sort_by_time() -> None:
    names = [NAMES.name(sequence) for sequence in (0, 9, 10, 999_999, 1_000_000)]
    assert names == sorted(names)
    assert SegmentNames.starting(0.0).name(5) < SegmentNames.starting(1_790_000_000.0).name(0)


def test_a_description_of_an_older_version_is_read() -> None:
    found = json.loads(info(0).to_json())
    del found["boot"], found["uptime"]
    assert SegmentInfo.from_json(json.dumps(found)) == info(0)


@given(st.lists(st.integers(0, 4_000_000_000), min_size=2, max_size=12))
def test_names_sort_in_the_order_of_sessions_whatever_the_date_claims(walls: list[int]) -> None:
    made: list[str] = []
    for wall in walls:
        names = SegmentNames.starting(wall, after=made[-1] if made else None)
        made += [names.name(0), names.name(1)]
    assert made == sorted(set(made))


def test_a_foreign_name_does_not_hold_up_a_session() -> None:
    assert SegmentNames.starting(0.0, after="zebra.ts").stamp == "19700101T000000Z"


def test_two_sessions_at_the_same_wrong_date_have_different_names() -> None:
    assert SegmentNames.starting(0.0).name(0) != SegmentNames.starting(0.0).name(0)


def test_follows_is_true_for_neighbours_of_one_session_only() -> None:
    other = replace(NAMES, session="ffffff")
    assert follows(NAMES.name(7), NAMES.name(8))
    assert not follows(NAMES.name(7), NAMES.name(9))
    assert not follows(NAMES.name(7), NAMES.name(7))
    assert not follows(NAMES.name(7), other.name(8))
    assert not follows("a.ts", "b.ts")


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "a/b", "a b", "a\n", "a#b", "a:b", "a?b", "a%2fb", "é.ts", "a" * 201]
)
def test_names_that_need_quoting_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        check_name(name)
