"""The JSON Schema of each kind of definition file, for editors and for checks outside Haven."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from haven.platform.definitions.files import LIST
from haven.platform.definitions.header import HEADER, Definition

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _ForToml(GenerateJsonSchema):
    """TOML has no null: an optional key is left out."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        made = super().default_schema(schema)
        if made.get("default", "") is None:
            made.pop("default")
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema_of(model: type[Definition]) -> dict[str, Any]:
    """The JSON Schema of a file of this kind. Days and times are strings, because JSON has neither."""
    whole = model.model_json_schema(schema_generator=_ForToml)
    parts = whole.pop("$defs", {})
    if model.many_in_a_file:
        whole = _list_of(whole)
    head = {"$schema": DIALECT, "title": f"Definition file of kind {model.kind_name()}"}
    return {**whole, **head, **({"$defs": parts} if parts else {})}


def _list_of(item: dict[str, Any]) -> dict[str, Any]:
    """A file that holds a list: the header keys may be at the top or in each entry, so neither place requires them."""
    properties, required = item["properties"], item["required"]
    row = {
        **item,
        "properties": {key: value for key, value in properties.items() if key != "kind"},
        "required": [key for key in required if key not in HEADER],
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{key: properties[key] for key in HEADER},
            LIST: {"type": "array", "items": row},
        },
        "required": ["kind", LIST],
    }


def _in_order(schema: dict[str, Any]) -> dict[str, Any]:
    """The keys in the order of the header: first what the file is."""
    first = ("$schema", "title", "description", "type")
    return {
        key: schema[key] for key in sorted(schema, key=lambda key: first.index(key) if key in first else len(first))
    }


def schema_text(model: type[Definition]) -> str:
    """The schema as `haven docs` writes it."""
    return json.dumps(_in_order(schema_of(model)), indent=2, ensure_ascii=False)
