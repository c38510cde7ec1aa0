#!/usr/bin/env python3
"""Lists every crossing between the NIC's clock domains and accepts only named synchronizers.

usage: cdc.py [--width N] [--patch FILE SED]... [--expect REGEX]...

Yosys reads the RTL and flattens it; this walks back from every flop and memory write through the logic to the flops and
memories it depends on. A path from one clock to another is accepted when it ends

  * in the first flop of a cdc_sync2, straight from a flop (no logic on the way, so no glitch can be caught), or
  * in an async_fifo, from its own memory, which is read only behind its synchronized indices, or
  * anywhere, from the held word of a cdc_word, when what is loaded hangs on the synchronized toggle of that cdc_word too.

Everything else is an error. `--patch` edits a copy of the RTL first: the test of this test.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict

from rtl_files import RTL, plain, verilog_files

SYNCHRONIZER, FIFO, WORD = "cdc_sync2", "async_fifo", "cdc_word"


def run_yosys(rtl, width, work):
    files = verilog_files(rtl)
    script = (f"read_verilog -Iregs {' '.join(files)}; hierarchy -check -top nic_top -chparam DataWidth {width}; proc; "
              f"opt_clean; opt_dff; opt_clean; write_json {work}/tree.json; flatten; opt_clean; write_json {work}/flat.json")
    subprocess.run(["yosys", "-qq", "-p", script], cwd=rtl, check=True)
    with open(f"{work}/tree.json", encoding="utf-8") as tree, open(f"{work}/flat.json", encoding="utf-8") as flat:
        return json.load(tree)["modules"], json.load(flat)["modules"]["nic_top"]


class Netlist:
    """Who drives each bit, and which state each clock owns."""

    def __init__(self, tree, flat):
        self.instances = {}
        self.name_instances(tree, next(name for name in tree if plain(name) == "nic_top"), "")
        self.flat = flat
        self.net_names = defaultdict(list)
        for name, net in flat["netnames"].items():
            for bit in net["bits"]:
                if isinstance(bit, int) and not name.startswith("$"):
                    self.net_names[bit].append(name)
        self.drivers = {}
        self.memory_writers = defaultdict(list)
        for name, cell in flat["cells"].items():
            self.add_cell(name, cell)
        self.clocks = {bit: port for port in ("core_clk_i", "mac_clk_i") for bit in flat["ports"][port]["bits"]}

    def name_instances(self, tree, module, path):
        for name, cell in tree[module]["cells"].items():
            if cell["type"] in tree:
                inner = f"{path}{name}."
                self.instances[inner] = plain(cell["type"])
                self.name_instances(tree, cell["type"], inner)

    def add_cell(self, name, cell):
        if cell["type"].startswith("$memwr"):
            self.memory_writers[cell["parameters"]["MEMID"].lstrip("\\")].append((name, cell))
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] == "output":
                for bit in bits:
                    self.drivers[bit] = (name, cell)

    def module_of(self, path):
        """The innermost instance in whose name a cell or net begins, and the module it is of."""
        path = path.replace("$flatten", "").replace("\\", "")
        best = max((i for i in self.instances if path.startswith(i)), key=len, default="")
        return best, self.instances.get(best, "nic_top")

    def name_of(self, bit, cell_name):
        """What the flop is called where it is declared: the other names of its output are ports it goes through."""
        instance, _ = self.module_of(cell_name)
        own = [n for n in self.net_names[bit] if n.startswith(instance) and "." not in n[len(instance):]]
        return min(own or self.net_names[bit] or [cell_name], key=lambda n: (not n.endswith("_q"), n))

    def clock_of(self, cell):
        bits = cell["connections"]["CLK"]
        assert len(bits) == 1
        return self.clocks.get(bits[0], f"net {self.net_names[bits[0]]}")

    def memory_clock(self, memory):
        return self.clock_of(self.memory_writers[memory][0][1])


def is_state(cell):
    return "CLK" in cell["connections"] and not cell["type"].startswith("$mem")


def depends_on(netlist, bits):
    """State that these bits depend on: {(kind, name, clock): straight}. `straight`: no logic in between."""
    found, seen, todo = {}, set(), [(bit, True) for bit in bits]
    while todo:
        bit, straight = todo.pop()
        if bit in seen or bit not in netlist.drivers:
            continue
        seen.add(bit)
        name, cell = netlist.drivers[bit]
        if is_state(cell):
            key = ("flop", netlist.name_of(bit, name), netlist.clock_of(cell))
            found[key] = found.get(key, True) and straight
        elif cell["type"].startswith("$memrd"):
            memory = cell["parameters"]["MEMID"].lstrip("\\")
            if netlist.memory_writers[memory]:
                found[("memory", memory, netlist.memory_clock(memory))] = False
            todo += [(b, False) for b in cell["connections"]["ADDR"]]
        else:
            todo += [(b, False) for port, bs in cell["connections"].items()
                     if cell["port_directions"][port] == "input" for b in bs]
    return found


def sinks(netlist):
    """(name, clock, bits it is loaded from) of every flop and memory write port."""
    for name, cell in netlist.flat["cells"].items():
        inputs = [bit for port, bits in cell["connections"].items()
                  if port != "CLK" and cell["port_directions"][port] == "input" for bit in bits]
        if cell["type"].startswith("$memwr"):
            yield cell["parameters"]["MEMID"].lstrip("\\"), netlist.clock_of(cell), inputs
        elif is_state(cell):
            yield netlist.name_of(cell["connections"]["Q"][0], name), netlist.clock_of(cell), inputs


def check(netlist):
    """Crossings by synchronizer instance, and errors."""
    crossings, errors = defaultdict(set), []
    for sink, clock, bits in sinks(netlist):
        instance, module = netlist.module_of(sink)
        sources = depends_on(netlist, bits)
        toggles = {netlist.module_of(source)[0] for _, source, _ in sources}
        for (kind, source, source_clock), straight in sources.items():
            if source_clock == clock:
                continue
            way = f"{source} ({source_clock}) -> {sink} ({clock})"
            if module == SYNCHRONIZER and kind == "flop" and sink.endswith("meta_q"):
                if not straight:
                    errors.append(f"logic in front of a synchronizer: {way}")
                crossings[(instance, module, source_clock, clock)].add(source)
            elif module == FIFO and kind == "memory" and netlist.module_of(source)[0] == instance:
                crossings[(instance, module, source_clock, clock)].add(source)
            elif netlist.module_of(source)[1] == WORD and netlist.module_of(source)[0] + "u_forth." in toggles:
                crossings[(netlist.module_of(source)[0], WORD, source_clock, clock)].add(source)
            else:
                errors.append(f"crossing without a synchronizer: {way}")
    return crossings, errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--patch", nargs=2, action="append", default=[], metavar=("FILE", "SED"),
                        help="edit a copy of the RTL first")
    parser.add_argument("--expect", action="append", default=[], metavar="REGEX",
                        help="fail unless there is an error of each kind: the test of this test")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        rtl = RTL
        if arguments.patch:
            rtl = shutil.copytree(RTL, f"{work}/rtl")
        for file, sed in arguments.patch:
            subprocess.run(["sed", "-i", sed, f"{rtl}/{file}"], check=True)
        netlist = Netlist(*run_yosys(rtl, arguments.width, work))
        crossings, errors = check(netlist)
    for (instance, module, source_clock, clock), sources in sorted(crossings.items()):
        print(f"{instance.rstrip('.'):48} {module:12} {source_clock} -> {clock}, from {', '.join(sorted(sources))}")
    print(f"{len(crossings)} crossings, {len(set(errors))} errors")
    for error in sorted(set(errors)):
        print(f"error: {error}", file=sys.stderr)
    if not crossings:
        print("error: no crossing found: the check does not see the RTL", file=sys.stderr)
    if arguments.expect:
        return 0 if all(any(re.search(kind, error) for error in errors) for kind in arguments.expect) else 1
    return 1 if errors or not crossings else 0


if __name__ == "__main__":
    sys.exit(main())
