#!/usr/bin/env python3
"""synth.py reads what yosys prints and judges it: each error it can name is provoked once."""

import unittest

import synth

STAT = r"""
=== $paramod$0033451d\mac ===

   Number of cells:                  7
     CARRY4                          3
     FDRE                            2
     LUT6                            4
     RAM32M                          1
     counter                         2

=== counter ===

   Number of cells:                  2
     FDSE                            3
     LUT2                            5
     RAMB18E1                        1

=== nic_top ===

   Number of cells:                  1
     $paramod$0033451d\mac           1

=== design hierarchy ===

   nic_top                           1
     LUT6                          999
"""
WHOLE = r"""
=== nic_top ===

     CARRY4                          3
     FDRE                            8
     INV                             9
     LUT1                            1
     LUT2                            4
     LUT3                            2
     LUT5                            2
     LUT6                            5
     RAM32M                          1
     RAMB18E1                        2
"""
MODULES_LTP = """
Longest topological path in $paramod$0033451d\\mac (length=3):
    0: \\a_q (via x)
Longest topological path in counter (length=-1):
"""
WHOLE_LTP = """
Longest topological path in nic_top (length=17):
    0: \\u_mac.a_q [0]
    1: \\u_mac.b [0] (via $lut$1)
"""


class Synth(unittest.TestCase):
    def setUp(self):
        self.rows, self.path = synth.measure(synth.parse_stat(STAT), MODULES_LTP,
                                             synth.parse_stat(WHOLE), WHOLE_LTP)
        self.table = {(64, module): {k: str(v) for k, v in row.items()} for module, row in self.rows.items()}
        self.version = "0.0"
        synth.yosys_version = lambda: "0.0"
        synth.read_table = lambda: (self.version, self.table)

    def test_adds_all_instances_of_a_module(self):
        self.assertEqual(self.rows["counter"], {"instances": 2, "luts": 10, "sites": 6, "flops": 6, "brams": 1.0, "levels": 0})
        self.assertEqual(self.rows["mac"], {"instances": 1, "luts": 8, "sites": 8, "flops": 2, "brams": 0, "levels": 3})
        self.assertEqual(self.rows[synth.WHOLE], {"instances": 1, "luts": 18, "sites": 14, "flops": 8, "brams": 1.0, "levels": 17})
        self.assertEqual(len(self.path), 2)

    def test_a_long_path_is_an_error(self):
        self.assertEqual(synth.judge(64, self.rows), ["(whole): the longest path has 17 levels, allowed are 16"])
        self.rows[synth.WHOLE]["levels"] = 16
        self.assertEqual(synth.judge(64, self.rows), [])
        self.rows["mac"]["levels"] = 17
        self.assertEqual(synth.judge(64, self.rows), ["mac: the longest path has 17 levels, allowed are 16"])

    def test_a_part_is_judged_by_what_stands_in_it_alone(self):
        rows, path = synth.measure(synth.parse_stat(STAT.split("=== nic_top")[0]), MODULES_LTP, {}, "")
        self.assertEqual(sorted(rows), ["counter", "mac"])
        self.assertEqual(path, [])
        self.assertEqual(synth.judge(64, rows, "mac"), [])
        rows["counter"]["luts"] = 500
        self.assertEqual(synth.judge(64, rows, "mac"), ["counter: 500 luts, 10 in table.txt"])
        self.table[64, "counter"]["instances"] = "3"
        self.assertEqual(synth.judge(64, rows, "mac"), [])

    def test_growth_is_an_error(self):
        self.rows[synth.WHOLE]["levels"] = 16
        self.rows["counter"].update(luts=500, flops=500, brams=2.0)
        self.assertEqual(synth.judge(64, self.rows), [
            "counter: 500 luts, 10 in table.txt", "counter: 500 flops, 6 in table.txt", "counter: 2 brams, 1.0 in table.txt"])

    def test_another_yosys_gets_more_slack(self):
        self.rows[synth.WHOLE]["levels"] = 16
        self.table[64, "mac"]["luts"] = "1000"
        self.rows["mac"]["luts"] = 1200
        self.assertEqual(len(synth.judge(64, self.rows)), 1)
        self.version = "none"
        self.assertEqual(synth.judge(64, self.rows), [])

    def test_table_and_nic_have_the_same_modules(self):
        self.rows[synth.WHOLE]["levels"] = 16
        self.rows["extra"] = self.rows["mac"]
        del self.rows["counter"]
        errors = synth.judge(64, self.rows)
        self.assertEqual(len(errors), 2)
        self.assertIn("extra has no row", errors[0])
        self.assertIn("has a row for counter", errors[1])


if __name__ == "__main__":
    unittest.main()
