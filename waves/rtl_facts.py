"""What the tools for waves need to know of the RTL, read from the Verilog itself: which instance is of which module, and
the constants by which a module calls its states."""

import pathlib
import re

INSTANCE = re.compile(r"^\s*(\w+)\s*(?:#\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*)?(u_\w+)\s*\(", re.M)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
SYNTHESIS = re.compile(r"^`ifdef SYNTHESIS$.*?^`(?:else|endif)$", re.M | re.S)  # no wave ever shows it


def modules(rtl):
    """Name of each module to its text without comments."""
    found = {}
    for path in sorted(pathlib.Path(rtl).rglob("*.v")):
        text = SYNTHESIS.sub("", COMMENT.sub("", path.read_text(encoding="utf-8")))
        for match in re.finditer(r"^module\s+(\w+)(.*?)^endmodule", text, re.M | re.S):
            found[match.group(1)] = match.group(2)
    return found


def instances(sources, top="nic_top"):
    """(module, path below the top) of every instance, in the order of the hierarchy. Generate blocks are not named."""
    result = []

    def walk(module, path):
        for child, name in INSTANCE.findall(sources[module]):
            if child in sources:
                here = path + [name]
                if (child, ".".join(here)) not in result:
                    result.append((child, ".".join(here)))
                walk(child, here)

    walk(top, [])
    return result


def states(text):
    """(value, name) of each `localparam StName = 2'd0`, without the prefix."""
    found = re.findall(r"\bSt(\w+)\s*=\s*\d+'d(\d+)", text)
    return sorted((int(value), name) for name, value in found)
