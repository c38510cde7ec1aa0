#!/usr/bin/env python3
"""Synthesizes the NIC for a Xilinx 7 series part and holds its size and its longest path against a committed table.

usage: synth.py --width N [--queues N] [--top MODULE] [--write] [--path]

Prints, for each module (all its instances together), LUTs, the LUT sites they need, flops, block RAMs and the longest
path inside it; then the whole NIC, synthesized flat, as a board's flow does it. Fails when there is a latch, when a
path of the whole or of a module has more levels than 16, when a module has grown past its
row in table.txt, or when it has none. `--write` replaces the rows of this width. `--queues` other than the table's only
prints. `--top nic_host` and the like take that part of the NIC alone, and judge the modules that stand nowhere else.

`synth_xilinx -nowidelut`: a function of seven or eight inputs becomes two levels of LUTs, not LUTs and MUXF cells of as many
levels. Levels are LUT and CARRY4 cells between flops, block RAMs and LUT RAMs. LUTs include those used as memory, and not the
inverters that Yosys leaves apart: a place-and-route tool draws them into the LUTs beside them. Sites: two LUTs of together
at most five inputs share one (UG474, figure 2-3); counted as `stat -tech xilinx` of Yosys counts its logic cells. Yosys
versions differ: with another one than the table was made with, growth is judged with a third of slack instead of a
twentieth; a part taken alone is mapped a little otherwise, and gets a fifth.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict

from rtl_files import RTL, plain, verilog_files

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "table.txt")
MAX_LEVELS = 16
QUEUES = 4
COLUMNS = ("width", "module", "instances", "luts", "sites", "flops", "brams", "levels")
WHOLE = "(whole)"
TOP = "nic_top"
# LUTs in a cell, UG474 table 2-3; block RAMs in units of 36 kbit
LUTS = {"RAM32M": 4, "RAM64M": 4, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4, "RAM256X1S": 4, "SRL16E": 1,
        "SRLC32E": 1}
BRAMS = {"RAMB18E1": 0.5, "RAMB36E1": 1}
LOGIC = "w:* t:LUT* %u t:MUXF* %u t:CARRY4 %u t:INV %u"  # what a path goes through; instances of modules end it


def run_yosys(rtl, width, queues, top, work):
    parameters = {"nic_host": f"-chparam Vectors {queues + 1}"}.get(top, f"-chparam Queues {queues}")
    synth = f"synth_xilinx -nowidelut -noiopad -top {top}"
    script = (f"read_verilog -Iregs {' '.join(verilog_files(rtl))}; "
              f"hierarchy -check -top {top} -chparam DataWidth {width} {parameters}; design -save read; "
              f"{synth}; select -assert-none t:LD*; tee -q -o {work}/stat.txt stat; "
              f"tee -q -o {work}/modules.ltp ltp -noff {LOGIC}; ")
    if top == TOP:
        script += (f"design -load read; {synth} -flatten; select -assert-none t:LD*; "
                   f"tee -q -o {work}/whole.txt stat; tee -q -o {work}/whole.ltp ltp -noff {LOGIC}")
    subprocess.run(["yosys", "-qq", "-p", script], cwd=rtl, check=True)
    return read_back(work)


def read_back(work):
    def text(name):
        if not os.path.exists(f"{work}/{name}"):
            return ""
        with open(f"{work}/{name}", encoding="utf-8") as file:
            return file.read()
    return parse_stat(text("stat.txt")), text("modules.ltp"), parse_stat(text("whole.txt")), text("whole.ltp")


def parse_stat(text):
    """{module as yosys names it: {cell type: number}}; the lines of totals before the cells are of other words."""
    modules, cells = {}, None
    for line in text.splitlines():
        start = re.match(r"=== (.+) ===", line)
        if start:
            cells = modules.setdefault(start[1], {}) if start[1] != "design hierarchy" else None
        row = re.match(r"\s+([$\\\w]\S*)\s+(\d+)$", line) or re.match(r"\s+(\d+)\s+([$\\\w]\S*)$", line)
        if cells is not None and row:
            name, number = (row[1], row[2]) if row[2].isdigit() else (row[2], row[1])
            cells[name] = int(number)
    return modules


def count_instances(modules):
    """How often each module stands in the design: the top is the one that stands in no other."""
    inside = {kind for cells in modules.values() for kind in cells}
    top = next(name for name in modules if name not in inside)
    counts = defaultdict(int)

    def visit(name, times):
        counts[name] += times
        for kind, number in modules[name].items():
            if kind in modules:
                visit(kind, times * number)
    visit(top, 1)
    return counts


def levels_of(ltp):
    """Longest path by module as yosys names it: its length, and the names on it."""
    found, module = {}, None
    for line in ltp.splitlines():
        start = re.match(r"Longest topological path in (\S+) \(length=(-?\d+)\)", line)
        step = re.match(r"\s*(\d+): (\S.*?) \(via", line) or re.match(r"\s*(\d+): (\S.*)", line)
        if start:
            module = start[1]
            found[module] = (max(0, int(start[2])), [])
        elif step and module:
            found[module][1].append(step[2])
    return found


def sites_of(cells):
    """LUT sites: the larger LUT of a pair counts, the smaller one rides along (4 + 1 .. 3 + 2 inputs and so on)."""
    left = {size: cells.get(f"LUT{size}", 0) for size in range(1, 7)}
    sites = left[6]
    for size, riders in ((5, (1, 2, 3)), (4, (1, 2, 3)), (3, (1, 2))):
        sites += left[size]
        for rider in riders:
            together = min(left[size], left[rider])
            left[size] -= together
            left[rider] -= together
    return sites - left[3] // 2 + (left[2] + left[1] + 1) // 2 + sum(n * LUTS.get(kind, 0) for kind, n in cells.items())


def add_cells(row, cells, times=1):
    row["sites"] += times * sites_of(cells)
    for kind, number in cells.items():
        row["luts"] += times * number * (1 if re.fullmatch(r"LUT\d", kind) else LUTS.get(kind, 0))
        row["flops"] += times * number * bool(re.fullmatch(r"FD[A-Z]+(_1)?", kind))
        row["brams"] += times * number * BRAMS.get(kind, 0)


def measure(modules, modules_ltp, whole, whole_ltp):
    rows = defaultdict(lambda: {"instances": 0, "luts": 0, "sites": 0, "flops": 0, "brams": 0.0, "levels": 0})
    inside = levels_of(modules_ltp)
    for name, times in count_instances(modules).items():
        row = rows[plain(name)]
        row["instances"] += times
        row["levels"] = max(row["levels"], inside.get(name.lstrip("\\"), inside.get(name, (0, [])))[0])
        add_cells(row, modules[name], times)
    path = []
    for length, path in levels_of(whole_ltp).values():
        rows[WHOLE].update(instances=1, levels=length)
        add_cells(rows[WHOLE], whole[TOP])
    return dict(rows), path


def yosys_version():
    return re.match(r"Yosys (\S+)", subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout)[1]


def read_table():
    """(version of Yosys, {(width, module): row})"""
    if not os.path.exists(TABLE):
        return "", {}
    with open(TABLE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    rows = [dict(zip(COLUMNS, line.split())) for line in lines[2:]]
    return lines[0].split()[-1], {(int(row["width"]), row["module"]): row for row in rows}


def write_table(width, rows):
    _, table = read_table()
    table = {key: row for key, row in table.items() if key[0] != width}
    table.update({(width, module): {"width": width, "module": module, **row} for module, row in rows.items()})
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write(f"# written by synth.py --write, {QUEUES} queues, Yosys {yosys_version()}\n" + " ".join(COLUMNS) + "\n")
        for key in sorted(table):
            file.write(" ".join(f"{table[key][c]:g}" if isinstance(table[key][c], float) else str(table[key][c])
                                 for c in COLUMNS) + "\n")


def judge(width, rows, top=TOP):
    """What is wrong, in words."""
    version, table = read_table()
    slack = 1.33 if version != yosys_version() else 1.05 if top == TOP else 1.2
    errors = []
    for module, row in rows.items():
        known = table.get((width, module))
        if known is not None and top != TOP and row["instances"] != int(known["instances"]):
            continue                                     # the others of its instances are elsewhere in the NIC
        if row["levels"] > MAX_LEVELS:
            errors.append(f"{module}: the longest path has {row['levels']} levels, allowed are {MAX_LEVELS}")
        if known is None:
            errors.append(f"{module} has no row for {width} bits in table.txt: run synth.py --width {width} --write")
            continue
        for key, spare in (("luts", 16), ("flops", 16), ("brams", 0)):
            if row[key] > float(known[key]) * slack + spare:
                errors.append(f"{module}: {row[key]:g} {key}, {known[key]} in table.txt")
    if top == TOP:
        errors += [f"table.txt has a row for {module}, the NIC has not" for at, module in table if at == width and module not in rows]
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--queues", type=int, default=QUEUES)
    parser.add_argument("--top", default=TOP, help="a part of the NIC, not flat")
    parser.add_argument("--write", action="store_true", help="replace this width's rows in table.txt")
    parser.add_argument("--path", action="store_true", help="print the longest path")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        rows, path = measure(*run_yosys(RTL, arguments.width, arguments.queues, arguments.top, work))
    print(f"{'module':20} {'instances':>9} {'LUTs':>7} {'sites':>7} {'flops':>7} {'BRAM':>6} {'levels':>6}   ({arguments.width} bits, "
          f"{arguments.queues} queues)")
    for module, row in sorted(rows.items(), key=lambda item: -item[1]["luts"]):
        print(f"{module:20} {row['instances']:9} {row['luts']:7} {row['sites']:7} {row['flops']:7} {row['brams']:6g} {row['levels']:6}")
    if arguments.path:
        print("longest path:", *(f"  {name[:150]}" for name in path), sep="\n")
    if arguments.write and arguments.top == TOP:
        write_table(arguments.width, rows)
    errors = judge(arguments.width, rows, arguments.top) if arguments.queues == QUEUES else []
    for error in errors:
        print(f"error: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
