from dataclasses import fields
from pathlib import Path

import pytest

from models.recipe.config import Recipe
from tests.unit.recipe.networks import RELEASED, table, write_recipe

KEYS = [field.name for field in fields(Recipe)]


def test_the_released_recipe_is_read() -> None:
    assert Recipe.load(RELEASED).name == "ear-s-x2"


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    file = write_recipe(tmp_path / "a.toml", {k: v for k, v in table().items() if k != key})
    with pytest.raises(SystemExit, match=rf"a.toml: missing \['{key}'\], unknown \[\]"):
        Recipe.load(file)


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    file = write_recipe(tmp_path / "a.toml", table(colour="blue"))
    with pytest.raises(SystemExit, match=r"a.toml: missing \[\], unknown \['colour'\]"):
        Recipe.load(file)
