#!/usr/bin/env python3
"""Writes everything that follows from the one map of the NIC, nic_regs.toml:

  rtl/regs/nic_regs.vh       Verilog defines
  driver/nic_regs.h          C++ constants, layouts, accessors, the table of counters
  rtl/regs/REFERENCE.md      the programmer's reference
  testbench/driver/register_table.h   every word of the register space as data, for register tests
  testbench/program/map_table.h       fields, layouts, flags and enumerations as data, for programs that show them
  waves/nic_regs.lua         register names, for the Wireshark dissector of TLPs

generate.py          writes them
generate.py --check  writes nothing; exits 1 and names each file that is not what the map says
Any mistake in the map: one line each on stderr, exit 2, nothing is written.
"""

import argparse
import pathlib
import sys

import emit_cpp
import emit_lua
import emit_reference
import emit_table
import emit_verilog
import emit_words
from map_model import MapError, load

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def outputs(nic):
    """Relative path and text of each output."""
    template = (HERE / "reference_template.md").read_text(encoding="utf-8")
    return {"rtl/regs/nic_regs.vh": emit_verilog.emit(nic), "driver/nic_regs.h": emit_cpp.emit(nic),
            "rtl/regs/REFERENCE.md": emit_reference.emit(nic, template),
            "testbench/driver/register_table.h": emit_table.emit(nic),
            "testbench/program/map_table.h": emit_words.emit(nic), "waves/nic_regs.lua": emit_lua.emit(nic)}


def read(path):
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say which files are stale")
    parser.add_argument("--map", type=pathlib.Path, default=HERE / "nic_regs.toml", help="another map")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="another tree to write into or check")
    args = parser.parse_args()
    try:
        files = outputs(load(args.map))
    except MapError as error:
        for line in str(error).splitlines():
            print(f"{args.map.name}: {line}", file=sys.stderr)
        return 2
    stale = [name for name, text in files.items() if read(args.root / name) != text]
    if args.check:
        for name in stale:
            print(f"stale: {name} (run rtl/regs/generate.py)", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (args.root / name).parent.mkdir(parents=True, exist_ok=True)
        (args.root / name).write_text(files[name], encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
