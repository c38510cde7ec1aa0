#!/usr/bin/env python3
"""Switches on each bug in turn, runs the demo with it, and makes the table of what was found.

    bug_table.py PROGRAM OUT_DIR [BUG...]

Found means: a rule of those in the list of bugs was named, with the side that has the bug. The first verdict of the run
counts. The table goes to OUT_DIR/BUGS.md and to the standard output. Fails when a bug is not found or the wrong side
is named.
"""
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import tomllib

FILE_BYTES = 1_500_000
WALL_LIMIT_S = 60
RTL_BUGS = pathlib.Path(__file__).resolve().parent / "rtl_bugs"


def listed(program):
    """[(id, side, rules, text)] as --bug list prints them."""
    lines = subprocess.run([program, "demo", "--bug", "list"], check=True, capture_output=True, text=True).stdout
    return [re.split(r"\s{2,}", line, maxsplit=3) for line in lines.splitlines()]


def without_a_row(bugs):
    """Bugs of the NIC that are built in and not listed, or the reverse."""
    built = {f"BUG-{bug['number']:03}" for source in RTL_BUGS.glob("*.toml") for bug in tomllib.loads(source.read_text())["bug"]}
    return sorted(built ^ {number for number, side, *_ in bugs if side == "device"})


def first_verdict(result):
    """(rule, side, ns, words) of the first violation; the audit at the end has no time of its own."""
    if result["violations"]:
        v = result["violations"][0]
        return v["rule"], v["side"], v["time_ps"] // 1000, f"{v['object']}: {v['text']}"
    for failure in result["failures"]:
        told = re.match(r"rule broken: (\w+) \(([\w ]+)\): (.*)", failure)
        if told:
            return told[1], told[2], result["sim_time_ns"], told[3]
    return None, None, result["sim_time_ns"], "; ".join(result["failures"]) or "nothing"


def run(program, out, number):
    folder = out / number
    folder.mkdir(parents=True, exist_ok=True)
    file = out / "file.bin"
    words = [program, "demo", "--bug", number, "--no-capture", "--out", folder, "--file", file]
    try:
        subprocess.run(words, capture_output=True, timeout=WALL_LIMIT_S)
        verdict = first_verdict(json.loads((folder / "result.json").read_text()))
    except (subprocess.TimeoutExpired, OSError, ValueError) as error:
        verdict = None, None, 0, f"no result: {error}"
    print(number, verdict[0], verdict[1], file=sys.stderr, flush=True)
    return verdict


def human(ns):
    return f"{ns / 1000:.1f} us" if ns < 1_000_000 else f"{ns / 1_000_000:.3f} ms"


def main(program, out, *only):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "file.bin").write_bytes(bytes(i * i % 251 for i in range(FILE_BYTES)))
    bugs = [bug for bug in listed(program) if not only or bug[0] in only]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda bug: run(program, out, bug[0]), bugs))
    lines = ["| bug | in the | what it does | found | by rule | after | side named | what was said |",
             "|---|---|---|---|---|---|---|---|"]
    found = right = 0
    for (number, side, rules, text), (rule, named, ns, words) in zip(bugs, verdicts):
        is_found = rule in rules.split()
        found += is_found
        right += is_found and named == side
        lines.append(f"| {number} | {side} | {text} | {'yes' if is_found else 'NO'} | {rule or '-'} | {human(ns)} | "
                     f"{named or '-'}{'' if named == side else ' (WRONG)'} | {words[:90]} |")
    lines.append(f"\n{len(bugs)} bugs, {found} found, side right in {right}.")
    odd = [] if only else without_a_row(bugs)
    if odd:
        lines.append(f"in rtl_bugs or in the list, not in both: {' '.join(odd)}")
    if not only:
        (out / "BUGS.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return 0 if found == right == len(bugs) and not odd else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
