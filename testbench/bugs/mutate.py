#!/usr/bin/env python3
"""Writes a copy of rtl/ with all bugs of rtl_bugs/*.toml built in as switches.

    mutate.py RTL_DIR OUT_DIR

A bug is a list of changes: in `file`, the text `find`, which must stand there exactly once, becomes `put`; @BUG@ in it
is true while this bug is the one switched on. The copy of nic_top.v has one more input, bug_i, the number of that bug;
0 is none. The NIC's own sources know nothing of all this. A change that does not fit its file any more is left out and
named; the test of the table then does not find its bug and fails. Files are written only when their text changes.
"""
import pathlib
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
PORT = ("nic_top.v", "  input  wire                   core_clk_i,", "  input  wire [7:0]             bug_i,\n")


def bugs():
    for source in sorted((HERE / "rtl_bugs").glob("*.toml")):
        yield from tomllib.loads(source.read_text())["bug"]


def change(texts, number, file, find, put):
    """True when the change fits."""
    if texts.get(file, "").count(find) != 1:
        return False
    texts[file] = texts[file].replace(find, put.replace("@BUG@", f"(nic_top.bug_i == 8'd{number})"))
    return True


def mutated(rtl):
    texts = {str(path.relative_to(rtl)): path.read_text() for path in sorted(rtl.rglob("*.v"))}
    file, find, more = PORT
    change(texts, 0, file, find, more + find) or sys.exit(f"mutate.py: {file} has another first port")
    misfits = []
    for bug in bugs():
        before = dict(texts)
        if not all([change(texts, bug["number"], c["file"], c["find"], c["put"]) for c in bug["change"]]):
            texts = before
            misfits.append(bug["number"])
    return texts, misfits


def main(rtl, out):
    texts, misfits = mutated(pathlib.Path(rtl))
    for name, text in texts.items():
        path = pathlib.Path(out) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    for number in misfits:
        print(f"mutate.py: BUG-{number:03} does not fit the RTL any more: rtl_bugs/*.toml must follow it", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
