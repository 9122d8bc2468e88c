"""What the command line's library refuses, as one line like any other error."""

from collections.abc import Mapping
from typing import Any

import typer

from edge_vsr.cli.keys import Key

Refusal: type[Exception] = typer.BadParameter.__mro__[1]
"""What the library raises for a line that it cannot read; it has no public name for it."""


def in_one_line(refusal: Any, keys: Mapping[str, Key]) -> str:
    """What is wrong and what to do; of a flag of `edge-vsr run`, which is one of `keys`, as of a key in a file."""
    context = refusal.ctx
    near = getattr(refusal, "possibilities", None)
    if near and hasattr(refusal, "option_name"):
        return f"no flag {refusal.option_name}; did you mean {near[0]}?"
    parameter = getattr(refusal, "param", None)
    key = keys.get(parameter.name) if parameter is not None and context.info_name == "run" else None
    if key is None:
        message = refusal.format_message().rstrip(".")
        command = context.command_path if context else "edge-vsr"
        return f"{message[:1].lower()}{message[1:]}; `{command} --help` tells what there is"
    layer = context.get_parameter_source(key.name)
    if layer is None or layer.name == "DEFAULT":
        return (
            f"no {key.name} is given; give {key.flag}, {key.variable} in the environment, or {key.name} in the "
            "configuration"
        )
    return f"{key.variable if layer.name == 'ENVIRONMENT' else key.flag}: give {key.allowed}"
