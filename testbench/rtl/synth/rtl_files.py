"""The Verilog of rtl/, and names as Yosys gives them: what the tools of this folder share."""

import os
import re

RTL = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../rtl"))


def verilog_files(rtl):
    """Relative to rtl, so that a path with a blank does no harm."""
    return sorted(os.path.relpath(os.path.join(folder, name), rtl)
                  for folder, _, names in os.walk(rtl) for name in names if name.endswith(".v"))


def plain(module):
    """The name as written in the source, from a name that carries parameters."""
    parts = module.lstrip("\\").split("\\")
    return parts[1] if re.match(r"\$paramod(\$|$)", parts[0]) else parts[0]
