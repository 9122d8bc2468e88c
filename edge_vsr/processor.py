"""What the kernel tells of the processor, in the text of /proc/cpuinfo."""

from collections.abc import Iterator

_INT8 = {
    "amx_int8": "AMX",
    "avx512_vnni": "AVX-512 VNNI",
    "avx_vnni": "AVX-VNNI",
    "i8mm": "I8MM",
    "asimddp": "dot products",
}
"""Flags of instructions that the runtimes multiply INT8 fast by, and their names; best first."""
_ARM_PARTS = {"0xd03": "Cortex-A53", "0xd05": "Cortex-A55", "0xd08": "Cortex-A72", "0xd0b": "Cortex-A76"}
"""What "CPU part" is, which is all that ARM kernels tell: those of common boards."""


def table(cpuinfo: str) -> dict[str, str]:
    """Its lines by name; those of the last processor where there are several."""
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in cpuinfo.splitlines())}


def int8_instructions(cpuinfo: str) -> Iterator[str]:
    """What is fast in INT8, by name, the best first."""
    known = table(cpuinfo)
    flags = (known.get("flags") or known.get("Features") or "").split()
    return (name for flag, name in _INT8.items() if flag in flags)


def model(cpuinfo: str) -> str | None:
    """The processor's name; None where it is not told."""
    known = table(cpuinfo)
    return known.get("model name") or _ARM_PARTS.get(known.get("CPU part", ""))
