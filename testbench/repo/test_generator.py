#!/usr/bin/env python3
"""The generator's own errors: a map with a mistake gives one clear line per mistake, exit code 2, and writes nothing;
a stale output is named by --check."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "rtl" / "regs" / "generate.py"
MAP = (ROOT / "rtl" / "regs" / "nic_regs.toml").read_text(encoding="utf-8")


def run(*arguments):
    done = subprocess.run([sys.executable, "-B", GENERATOR, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def run_map(text):
    """Exit code, lines on stderr, and files written, for a map of this text."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "map.toml").write_text(text, encoding="utf-8")
        code, _, errors = run("--map", root / "map.toml", "--root", root)
        written = sorted(p.name for p in root.rglob("*") if p.is_file() and p.name != "map.toml")
        return code, errors.splitlines(), written


class Generator(unittest.TestCase):
    def refuses(self, old, new, expected):
        self.assertIn(old, MAP, "the sample no longer fits the map")
        code, errors, written = run_map(MAP.replace(old, new, 1))
        self.assertEqual((code, errors, written), (2, [f"map.toml: {line}" for line in expected], []))

    def test_the_map_itself_is_good(self):
        code, errors, written = run_map(MAP)
        self.assertEqual((code, errors, written), (0, [], ["REFERENCE.md", "map_table.h", "nic_regs.h", "nic_regs.lua", "nic_regs.vh",
                                                         "register_table.h"]))

    def test_overlapping_registers(self):
        self.refuses('name = "version", offset = 0x04', 'name = "version", offset = 0x00',
                     ["block global: register id and register version overlap at 0x0"])

    def test_wide_register_overlaps_the_next(self):
        self.refuses('name = "scratch", offset = 0x20', 'name = "scratch", offset = 0x2C',
                     ["block global: register time and register scratch overlap at 0x2c"])

    def test_overlapping_blocks(self):
        self.refuses("base = 0x0100", "base = 0x0020", ["map: block global and block mac overlap at 0x20"])

    def test_block_beyond_the_bar(self):
        self.refuses("base = 0xC000", "base = 0xFFFC",
                     ["block msix_pba: ends at 0x10004, beyond the BAR's 0x10000 bytes"])

    def test_field_out_of_range(self):
        self.refuses('name = "pause", bits = "15"', 'name = "pause", bits = "32"',
                     ["register features: field pause [32] lies outside 32 bits"])

    def test_overlapping_fields(self):
        self.refuses('name = "width", bits = "7:4"', 'name = "width", bits = "7:3"',
                     ["register features: fields queues and width overlap in bit 3"])

    def test_bad_bits(self):
        self.refuses('name = "width", bits = "7:4"', 'name = "width", bits = "4:7"',
                     ["register features, field width: bits '4:7' is neither 'n' nor 'high:low'"])

    def test_duplicate_register(self):
        self.refuses('{ name = "version", offset', '{ name = "id", offset', ["register name id is there twice"])

    def test_duplicate_field(self):
        self.refuses('name = "rx_csum", bits', 'name = "tx_csum", bits',
                     ["register features: field tx_csum is there twice"])

    def test_verilog_names_collide(self):
        self.refuses('{ name = "version", offset', '{ name = "tx_base_hi", offset',
                     ["register tx_base and register tx_base_hi both give the Verilog name NIC_TX_BASE_HI"])

    def test_unknown_access(self):
        self.refuses('offset = 0x20, access = "rw"', 'offset = 0x20, access = "rww"',
                     ["register scratch: access 'rww' is none of ro, rw, wo, rw1c, w1s"])

    def test_unknown_key(self):
        self.refuses('name = "scratch", offset', 'name = "scratch", colour = "red", offset',
                     ["register scratch: unknown key 'colour'"])

    def test_wrong_type(self):
        self.refuses('name = "scratch", offset = 0x20', 'name = "scratch", offset = "0x20"',
                     ["register scratch: 'offset' must be int, is '0x20'"])

    def test_missing_doc(self):
        self.refuses(', doc = "For the driver\'s self test; no effect."', "", ["register scratch: 'doc' is missing"])

    def test_misaligned(self):
        self.refuses('name = "scratch", offset = 0x20', 'name = "scratch", offset = 0x22',
                     ["register scratch: offset 0x22 is not aligned to its size"])

    def test_reset_outside_the_fields(self):
        self.refuses("reset = 10000", "reset = 65536",
                     ["register dma_timeout: reset 0x10000 sets bits that belong to no field"])

    def test_register_beyond_the_stride(self):
        self.refuses('name = "int_max_usecs", offset = 0x118', 'name = "int_max_usecs", offset = 0x200',
                     ["register int_max_usecs: ends beyond the stride of block queue"])

    def test_layout_with_a_hole(self):
        self.refuses('{ name = "opaque", offset = 12, bytes = 4', '{ name = "opaque", offset = 16, bytes = 4',
                     ["layout rx_descriptor, field opaque: a hole of 4 bytes before it; name it reserved",
                      "layout rx_descriptor: fields end at byte 20, the layout at 16"])

    def test_flag_twice(self):
        self.refuses('name = "csum", bit = 1', 'name = "csum", bit = 0', ["flags tx_flags: bit 0 is there twice"])

    def test_enum_twice(self):
        self.refuses('name = "timeout", value = 4', 'name = "timeout", value = 3',
                     ["enum error_reason: value 3 is there twice"])

    def test_two_mistakes_two_lines(self):
        text = MAP.replace('name = "scratch", offset = 0x20', 'name = "scratch", offset = 0x22', 1)
        text = text.replace('name = "csum", bit = 1', 'name = "csum", bit = 0', 1)
        self.assertEqual(run_map(text)[1], ["map.toml: register scratch: offset 0x22 is not aligned to its size",
                                            "map.toml: flags tx_flags: bit 0 is there twice"])

    def test_not_toml(self):
        code, errors, written = run_map("[map\n")
        self.assertEqual((code, len(errors), written), (2, 1, []))
        self.assertIn("cannot read the map", errors[0])

    def test_reference_names_a_register_that_is_gone(self):
        self.refuses('name = "int_rearm"', 'name = "int_arm"',
                     ["reference_template.md: register INT_REARM is not in the map"])

    def test_check_names_stale_files(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            self.assertEqual(run("--root", root)[0], 0)
            self.assertEqual(run("--root", root, "--check"), (0, "", ""))
            header = root / "driver" / "nic_regs.h"
            header.write_text(header.read_text(encoding="utf-8") + "\n", encoding="utf-8")
            (root / "rtl" / "regs" / "nic_regs.vh").unlink()
            code, _, errors = run("--root", root, "--check")
            self.assertEqual(code, 1)
            self.assertEqual(errors.splitlines(), ["stale: rtl/regs/nic_regs.vh (run rtl/regs/generate.py)",
                                                   "stale: driver/nic_regs.h (run rtl/regs/generate.py)"])


if __name__ == "__main__":
    unittest.main()
