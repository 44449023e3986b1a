"""CEL's checked tree as protobuf messages: the fields of ``cel/expr/checked.proto`` and ``syntax.proto`` read here.

Declared in code because no package publishes these messages for Python. Field numbers are those of the CEL
specification (https://github.com/google/cel-spec/tree/master/proto/cel/expr); what driftbot does not read is left out,
which protobuf allows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto
_TEXT, _INT64, _INT32 = _FIELD.TYPE_STRING, _FIELD.TYPE_INT64, _FIELD.TYPE_INT32
_BOOL, _DOUBLE, _BYTES = _FIELD.TYPE_BOOL, _FIELD.TYPE_DOUBLE, _FIELD.TYPE_BYTES
_PACKAGE = "driftbot.cel"

_MESSAGES: dict[str, tuple[tuple[str, int, int | str], ...]] = {
    "Any": (("type_url", 1, _TEXT), ("value", 2, _BYTES)),
    "Constant": (
        ("null", 1, _INT64), ("bool", 2, _BOOL), ("int", 3, _INT64), ("uint", 4, _FIELD.TYPE_UINT64),
        ("double", 5, _DOUBLE), ("text", 6, _TEXT), ("bytes", 7, _BYTES),
    ),
    "Ident": (("name", 1, _TEXT),),
    "Select": (("operand", 1, "Expr"), ("field", 2, _TEXT), ("test_only", 3, _BOOL)),
    "Call": (("target", 1, "Expr"), ("function", 2, _TEXT), ("args*", 3, "Expr")),
    "List": (("elements*", 1, "Expr"),),
    "Struct": (("message_name", 1, _TEXT),),
    "Comprehension": (
        ("iter_var", 1, _TEXT), ("iter_range", 2, "Expr"), ("accu_var", 3, _TEXT), ("accu_init", 4, "Expr"),
        ("loop_condition", 5, "Expr"), ("loop_step", 6, "Expr"), ("result", 7, "Expr"), ("iter_var2", 8, _TEXT),
    ),
    "Expr": (
        ("id", 2, _INT64), ("constant", 3, "!Constant"), ("ident", 4, "!Ident"), ("select", 5, "!Select"),
        ("call", 6, "!Call"), ("list", 7, "!List"), ("struct", 8, "!Struct"), ("comprehension", 9, "!Comprehension"),
    ),
    "Position": (("key", 1, _INT64), ("value", 2, _INT32)),
    "Source": (("line_offsets*", 3, _INT32), ("positions*", 4, "Position")),
    "ListType": (("element", 1, "Type"),),
    "MapType": (("key", 1, "Type"), ("value", 2, "Type")),
    "AbstractType": (("name", 1, _TEXT), ("parameters*", 2, "Type")),
    "Type": (
        ("primitive", 3, _INT64), ("list", 6, "ListType"), ("map", 7, "MapType"), ("abstract", 14, "AbstractType"),
    ),
    "TypeOf": (("key", 1, _INT64), ("value", 2, "Type")),
    "Reference": (("name", 1, _TEXT), ("overload_id*", 3, _TEXT)),
    "ReferenceOf": (("key", 1, _INT64), ("value", 2, "Reference")),
    "CheckedExpr": (
        ("references*", 2, "ReferenceOf"), ("types*", 3, "TypeOf"), ("expr", 4, "Expr"), ("source", 5, "Source"),
    ),
}  # fmt: skip
"""Message → (field, number, type); ``*`` marks repeated fields, ``!`` members of the one-of."""


def parse(serialized: bytes) -> Any:
    """The checked tree out of what ``Expression.serialize`` wrote: a ``google.protobuf.Any`` around it."""
    envelope, checked = _classes()
    return checked.FromString(envelope.FromString(serialized).value)


@lru_cache(maxsize=1)
def _classes() -> tuple[Any, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="driftbot/cel.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in fields:
            _declare(message, *field)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    find = pool.FindMessageTypeByName
    return (
        message_factory.GetMessageClass(find(f"{_PACKAGE}.Any")),
        message_factory.GetMessageClass(find(f"{_PACKAGE}.CheckedExpr")),
    )


def _declare(message: Any, name: str, number: int, kind: int | str) -> None:
    label = _FIELD.LABEL_REPEATED if name.endswith("*") else _FIELD.LABEL_OPTIONAL
    field = message.field.add(name=name.rstrip("*"), number=number, label=label)
    if isinstance(kind, int):
        field.type = kind
    else:
        field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".{_PACKAGE}.{kind.lstrip('!')}"
    if message.name in {"Expr", "Constant"} and name != "id":
        if not message.oneof_decl:
            message.oneof_decl.add(name="kind")
        field.oneof_index = 0
