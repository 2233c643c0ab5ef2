"""The index of this folder names every schema, once."""

import re

import schemas

INDEX = (schemas.DIRECTORY / "README.md").read_text()


def test_every_schema_is_in_the_index() -> None:
    linked = re.findall(r"\]\(([\w.-]+\.json)\)", INDEX)
    assert sorted(linked) == sorted(path.name for path in schemas.DIRECTORY.glob("*.json"))
