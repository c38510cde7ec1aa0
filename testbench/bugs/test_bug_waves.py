#!/usr/bin/env python3
"""Waves and a bug of a NIC, whose model has no signals to record: one clear line at once, and the other host's waves.

usage: test_bug_waves.py PROGRAM
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)


class BugWaves(unittest.TestCase):
    def run_bug(self, out, *words):
        # The deadline is for a run that hangs: the flight recorder once waited for a child that could not record.
        return subprocess.run([PROGRAM, 'demo', '--bug', '57', '--no-capture', '--file', __file__, '--out', out, *words],
                              capture_output=True, text=True, timeout=60)

    def test_no_waves_of_that_nic(self):
        with tempfile.TemporaryDirectory() as out:
            for words in (['--fst'], ['--wave-on', 'time=100us'], ['--wave-on', 'rule'], ['--wave-last', '50us'],
                          ['--wave-last', '50us', '--wave-host', 'h0']):
                run = self.run_bug(out, *words)
                self.assertEqual((run.returncode, run.stderr.count('\n')), (2, 1), (words, run.stderr))
                self.assertIn('--bug 57: the NIC of h0', run.stderr)

    def test_waves_of_the_other(self):
        for words in (['--vcd'], ['--vcd', '--wave-last', '50us']):
            with tempfile.TemporaryDirectory() as out:
                run = self.run_bug(out, '--wave-host', 'h1', *words)
                self.assertEqual(run.returncode, 1, run.stderr)
                self.assertGreater((pathlib.Path(out) / 'waves.vcd').stat().st_size, 0, words)


unittest.main()
