import inspect
import re

import pytest

from edge_vsr import errors
from edge_vsr.errors import EdgeVsrError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, EdgeVsrError)]


def documented() -> dict[str, int]:
    """Exit codes by name, from the tree in the docstring; a leaf without one has that of the line above it."""
    codes: dict[str, int] = {}
    code = 0
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"[\s│├└─]*([A-Z]\w+(?:Error|Found|Lost|Refused|Away|Dependency))\s+(\d+)?", line):
            code = int(found[2] or code)
            codes[found[1]] = code
    return codes


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    assert documented() == {kind.__name__: kind.exit_code for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_an_exit_code_that_says_failure(kind: type[EdgeVsrError]) -> None:
    assert 1 <= kind.exit_code < 64, "codes from 64 on mean other things to shells and systemd"


def test_kinds_that_can_be_told_apart_have_different_codes() -> None:
    codes = [kind.exit_code for kind in KINDS if kind.__base__ in (Exception, EdgeVsrError)]
    assert len(codes) == len(set(codes))
