"""Runs the program and looks at what it leaves: shared by the tests of the whole program."""

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ.get('RINGSIDE_PROGRAM', 'ringside')


class Run:
    """One finished run: exit code, what it printed, the files in its folder."""

    def __init__(self, process, out):
        self.code = process.returncode
        self.stdout = process.stdout
        self.stderr = process.stderr
        self.out = out

    @property
    def result(self):
        with open(os.path.join(self.out, 'result.json'), encoding='utf-8') as file:
            return json.load(file)

    @property
    def capture(self):
        return os.path.join(self.out, 'capture.pcapng')


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='ringside_test_')
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.runs = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def new_out(self):
        self.runs += 1
        return self.path('out%d' % self.runs)

    def make_file(self, size, seed=1):
        """A file of random bytes; its path."""
        name = self.path('file_%d_%d' % (size, seed))
        with open(name, 'wb') as file:
            file.write(random.Random(seed).randbytes(size))
        return name

    def run_program(self, *arguments, timeout=250, out=None, **more):
        out = out or self.new_out()
        if 'input' not in more:
            more['stdin'] = subprocess.DEVNULL
        process = subprocess.run([PROGRAM, *map(str, arguments), '--out', out], capture_output=True, text=True,
                                 timeout=timeout, cwd=self.folder, check=False, **more)
        return Run(process, out)

    def run_good(self, *arguments, **more):
        run = self.run_program(*arguments, **more)
        self.assertEqual(run.code, 0, run.stdout + run.stderr)
        return run

    def assert_complains(self, run, code, *words):
        """One clear line on stderr with these words, and this exit code."""
        lines = [line for line in run.stderr.splitlines() if not re.match(r'^ *[0-9]+%  ', line)]  # progress
        self.assertEqual(run.code, code, run.stdout + run.stderr)
        self.assertEqual(len(lines), 1, run.stderr)
        self.assertTrue(lines[0].startswith('ringside: '), lines[0])
        for word in words:
            self.assertIn(word, lines[0])

    def assert_whole(self, run, path):
        """The file arrived as it is on the disk."""
        with open(path, 'rb') as file:
            content = file.read()
        result = run.result
        sha = hashlib.sha256(content).hexdigest()
        self.assertEqual(result['outcome'], 'ok')
        self.assertEqual(result['bytes'], len(content))
        self.assertEqual(result['sha256_sent'], sha)
        self.assertEqual(result['sha256_received'], sha)
        self.assertEqual(result['violation_count'], 0, result['violations'])


def tshark(path, display_filter, fields=()):
    """Lines of the frames that match, with every checksum validated; None without tshark."""
    if not shutil.which('tshark'):
        return None
    command = ['tshark', '-n', '-r', path, '-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE',
               '-o', 'udp.check_checksum:TRUE', '-o', 'eth.check_fcs:TRUE', '-Y', display_filter]
    if fields:
        command += ['-T', 'fields']
        for field in fields:
            command += ['-e', field]
    process = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False)
    if process.returncode != 0:
        raise AssertionError('tshark: ' + process.stderr)
    return process.stdout.splitlines()


def tlps_in_words(path, fields):
    """Fields of every TLP of a capture, by the dissector in waves/; None without tshark."""
    if not shutil.which('tshark'):
        return None
    waves = os.path.join(os.path.dirname(os.environ['RINGSIDE_SCRIPT']), 'waves')
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in [path] + [os.path.join(waves, n) for n in os.listdir(waves) if n.endswith('.lua')]:
            os.chmod(shutil.copy(name, folder), 0o644)
        command = ['tshark', '-n', '-X', 'lua_script:' + os.path.join(folder, 'tlp.lua'), '-T', 'fields']
        command += ['-r', os.path.join(folder, os.path.basename(path))]
        for field in fields:
            command += ['-e', field]
        # Wireshark 4.4 loads no script for root, so root lets nobody look.
        nobody = {'user': 65534, 'group': 65534, 'extra_groups': []} if os.geteuid() == 0 else {}
        process = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False, cwd=folder,
                                 env={**os.environ, 'HOME': folder}, **nobody)
    if process.returncode != 0 or 'Lua' in process.stderr:
        raise AssertionError('tshark: ' + process.stderr)
    return process.stdout.splitlines()


BAD_FRAME = ' || '.join(['_ws.malformed'] + [protocol + '.status == "Bad"' for protocol in (
    'eth.fcs', 'ip.checksum', 'tcp.checksum', 'udp.checksum', 'icmp.checksum')])
TROUBLE = ' || '.join('tcp.analysis.' + what for what in (
    'retransmission', 'lost_segment', 'out_of_order', 'duplicate_ack'))


def main():
    # unittest's exit code does not tell skipped from passed, ctest wants to know.
    program = unittest.main(module='__main__', exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.skipped and len(result.skipped) == result.testsRun else 0)
