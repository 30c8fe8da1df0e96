import json
from pathlib import Path

import pytest

from gateway.importing.schema import ColumnType, SchemaError, load_schema


def test_types_are_read_by_folded_name(tmp_path: Path) -> None:
    """A union with null, in either order, makes a column nullable."""
    path = tmp_path / "items.json"
    fields = [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "PRICE", "type": ["null", "float"]},
        {"name": "IN_STOCK", "type": ["boolean", "null"], "default": False},
    ]
    path.write_text(json.dumps({"type": "record", "name": "Items", "fields": fields}))
    assert load_schema(path) == {
        "itemid": ColumnType("ITEM_ID", "string", nullable=False),
        "price": ColumnType("PRICE", "float", nullable=True),
        "instock": ColumnType("IN_STOCK", "boolean", nullable=True),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON file"),
        ("[]", "has no list `fields`"),
        ('{"fields": []}', "has no list `fields`"),
        ('{"fields": ["ITEM_ID"]}', "must be an object with a `name`"),
        ('{"fields": [{"name": "A", "type": "bytes"}]}', "A: the type must be one of"),
        ('{"fields": [{"name": "A", "type": ["int", "long"]}]}', "A: the type must be one of"),
        ('{"fields": [{"name": "A", "type": ["null"]}]}', "A: the type must be one of"),
        ('{"fields": [{"name": "A"}]}', "A: the type must be one of"),
        ('{"fields": [{"name": "A", "type": {"type": "array"}}]}', "A: the type must be one of"),
    ],
)
def test_file_that_is_no_flat_schema_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The message names the column where there is one."""
    path = tmp_path / "schema.json"
    path.write_text(text)
    with pytest.raises(SchemaError, match=said):
        load_schema(path)
