"""The JSON Schema that an answer must fit.

Nothing is read for it, from no address and no file: whoever drives a run writes it, and its errors reach the model.
"""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012


def schema_problem(schema: dict[str, Any]) -> str | None:
    """Why answers cannot be checked by a schema, or None: it is none, or refers to what is not in it."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = "/".join(map(str, error.path))
        return f"it is no JSON Schema{f' at {where}' if where else ''}: {error.message}"
    resource = DRAFT202012.create_resource(schema)
    resolver = Registry().with_resource(resource.id() or "", resource).crawl().resolver_with_root(resource)
    for ref in _refs(schema):
        try:
            resolver.lookup(ref)
        except Unresolvable:
            return f"{ref} is not in it; what it refers to must be under its own $defs"
    return None


def answer_problem(answer: str, schema: dict[str, Any]) -> str | None:
    """Why an answer does not fit a schema, as a clause, or None."""
    try:
        value = json.loads(answer)
        found = Draft202012Validator(schema, registry=Registry()).iter_errors(value)
        errors = sorted(found, key=lambda error: list(map(str, error.path)))
    except (RecursionError, Unresolvable) as error:
        return f"the answer cannot be held against the schema ({str(error) or type(error).__name__})"
    except ValueError as error:
        return f"the answer is not the JSON that was asked for ({error})"
    if not errors:
        return None
    where = "/".join(str(part) for part in errors[0].path)
    return f"the answer does not fit the schema{f' at {where}' if where else ''}: {errors[0].message}"


def _refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _refs(value)
    elif isinstance(part, list):
        for each in part:
            yield from _refs(each)
