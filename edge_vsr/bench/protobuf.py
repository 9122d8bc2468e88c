"""As much of protobuf's wire format as an ONNX graph needs: integers and byte strings, by field number.

Source: the encoding's description, protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Iterable

Value = int | bytes | str
Field = tuple[int, Value | Iterable[Value]]
_VARINT, _BYTES = 0, 2
_LOW = 0x7F


def message(*fields: Field) -> bytes:
    """Fields in order, as (number, value); several values repeat the field. Integers must not be below 0."""
    return b"".join(_field(number, value) for number, values in fields for value in _each(values))


def _each(values: Value | Iterable[Value]) -> Iterable[Value]:
    return [values] if isinstance(values, int | bytes | str) else values


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3 | _VARINT) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | _BYTES) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    if value < 0:
        raise ValueError(f"{value} is below 0")
    out = bytearray()
    while value > _LOW:
        out.append(value & _LOW | _LOW + 1)
        value >>= 7
    return bytes([*out, value])
