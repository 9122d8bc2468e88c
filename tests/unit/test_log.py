"""What a log line looks like to whom, and how often it is said."""

import json
import logging
import os
from pathlib import Path

import pytest

from edge_vsr.cli.log import MOST_ALIKE, REPEAT_SECONDS, RepeatFilter, _formatter, priority, suitable

SECRET = "S3CR3T"


def record(message: str, *arguments: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("edge_vsr.x", level, "", 0, message, arguments, None)


def test_elsewhere_a_line_is_one_json_object_without_secrets() -> None:
    entry = json.loads(_formatter("json").format(record("lost %s\nagain", f"rtsp://u:{SECRET}@cam/a")))
    assert entry["message"] == "lost rtsp://***@cam/a\nagain"
    assert (entry["level"], entry["logger"]) == ("warning", "edge_vsr.x")


def test_the_journal_gets_a_priority_before_each_line() -> None:
    assert _formatter("journal").format(record("one\ntwo", level=logging.ERROR)) == "<3>one\n<3>two"


@pytest.mark.parametrize(
    ("level", "number"),
    [(logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.DEBUG, 7)],
)
def test_priorities_are_syslog_s(level: int, number: int) -> None:
    assert priority(level) == number


def test_the_journal_is_known_by_its_file(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        assert suitable(stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}) == "journal"
        assert suitable(stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + 1}"}) == "json"
        assert suitable(stream, {}) == "json"


class Said:
    """What passes a filter, at a time of the test's own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._filter = RepeatFilter(lambda: self.now)

    def __call__(self, message: str, *arguments: object, level: int = logging.WARNING) -> str | None:
        line = record(message, *arguments, level=level)
        return line.getMessage() if self._filter.filter(line) else None


def test_a_warning_that_repeats_is_held_back_and_counted() -> None:
    said = Said()
    assert said("lost for %d s", 1) == "lost for 1 s"
    said.now += 1
    assert said("lost for %d s", 2) is None
    assert said("another") == "another"
    said.now += REPEAT_SECONDS
    assert said("lost for %d s", 61) == "lost for 61 s (1 more like it)"
    said.now += REPEAT_SECONDS
    assert said("lost for %d s", 121) == "lost for 121 s"


def test_what_only_informs_is_held_back_once_it_fills_the_journal() -> None:
    said = Said()
    lines = [said("back after %d s", n, level=logging.INFO) for n in range(MOST_ALIKE + 3)]
    assert lines == [f"back after {n} s" for n in range(MOST_ALIKE)] + [None] * 3
    said.now += REPEAT_SECONDS
    assert said("back after %d s", 9, level=logging.INFO) == "back after 9 s (3 more like it)"


def test_what_is_asked_for_to_find_a_mistake_is_never_held_back() -> None:
    said = Said()
    assert [said("looking", level=logging.DEBUG) for _ in range(99)] == ["looking"] * 99


def test_it_remembers_a_bounded_number() -> None:
    said = Said()
    for letter in range(2000):
        said("".join(chr(97 + int(digit)) for digit in str(letter)))
    assert len(said._filter._said) <= 256
