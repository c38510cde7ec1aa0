"""Explain: no run beats its limits, and what the time was spent on adds up."""

import subprocess
import unittest

from support import PROGRAM, ProgramTest, main

# What each scenario changes of the demo's file. Between them every kind of limit is the tightest, or near it.
SCENARIOS = {
    'as it is': ([], {}),
    'no software': ([], {'cpu_cost = 1': 'cpu_cost = 0'}),
    'no software, 10 Gb/s': (['--width', '64'], {'cpu_cost = 1': 'cpu_cost = 0'}),
    'no software, no segmentation': ([], {'cpu_cost = 1': 'cpu_cost = 0', 'segmentation = true': 'segmentation = false'}),
    'no software, small frames': ([], {'cpu_cost = 1': 'cpu_cost = 0', 'mtu_bytes = 1500': 'mtu_bytes = 300'}),
    'no software, long frames': ([], {'cpu_cost = 1': 'cpu_cost = 0', 'mtu_bytes = 1500': 'mtu_bytes = 9000'}),
    'far from memory': (['--width', '64'], {'cpu_cost = 1': 'cpu_cost = 0', 'profile = "desktop"': 'profile = "slow_and_far"'}),
    'long wire': ([], {'cpu_cost = 1': 'cpu_cost = 0', 'latency_ns = 500': 'latency_ns = 2000000'}),
    'checksums in software': ([], {'tx_checksum = true': 'tx_checksum = false', 'rx_checksum = true': 'rx_checksum = false',
                                   'segmentation = true': 'segmentation = false'}),
    'short rings': ([], {'cpu_cost = 1': 'cpu_cost = 0', 'tx_ring = 256': 'tx_ring = 32', 'rx_ring = 1024': 'rx_ring = 32',
                         'return_ring = 1024': 'return_ring = 32'}),
    'losses': (['--loss', '0.02'], {}),
}


class Explain(ProgramTest):
    def scenario(self, options, changes):
        text = subprocess.run([PROGRAM, 'demo', '--print', *options], capture_output=True, text=True, check=True).stdout
        for old, new in changes.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        path = self.path('scenario.toml')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def check(self, explained):
        self.assertEqual(len(explained['directions']), 1)
        direction = explained['directions'][0]
        self.assertGreater(direction['measured_mbps'], 0)
        limits = {limit['name']: limit['mbps'] for limit in direction['limits']}
        self.assertEqual(len(limits), 9)
        self.assertEqual(list(limits.values()), sorted(limits.values()))
        for name, limit in limits.items():
            self.assertLessEqual(direction['measured_mbps'], limit, '%s beaten' % name)
        self.assertAlmostEqual(sum(wait['share'] for wait in explained['waits']), 1, places=9)
        return direction['measured_mbps'], limits

    def test_limits_are_never_beaten(self):
        reached = {}
        for name, (options, changes) in SCENARIOS.items():
            with self.subTest(name):
                path = self.scenario(options, changes)
                run = self.run_good('run', path, '--file', self.make_file(300_000 if 'los' in name else 800_000), '--no-capture')
                measured, limits = self.check(run.result['explain'])
                self.assertIn('bound by', run.stdout)
                reached[name] = measured / min(limits.values())
        # A limit that nobody comes near says nothing.
        self.assertGreater(reached['as it is'], 0.4, reached)
        self.assertGreater(reached['no software, 10 Gb/s'], 0.6, reached)

    def test_the_tightest_limit_is_what_the_time_waited_for(self):
        run = self.run_good('demo', '--file', self.make_file(1_000_000))
        explained = run.result['explain']
        self.assertEqual(explained['directions'][0]['limits'][0]['name'], 'CPU of h1, receiving')
        self.assertEqual(explained['waits'][0]['what'], 'CPU of h1')
        self.assertGreater(explained['waits'][0]['share'], 0.6)
        path = self.scenario(['--width', '64'], {'cpu_cost = 1': 'cpu_cost = 0'})
        run = self.run_good('run', path, '--file', self.make_file(1_000_000))
        explained = run.result['explain']
        self.assertEqual(explained['directions'][0]['limits'][0]['name'], 'wire')
        self.assertEqual(explained['waits'][0]['what'], 'wire, h0 to h1')

    def test_command(self):
        run = self.run_good('demo', '--file', self.make_file(100_000))
        text = subprocess.run([PROGRAM, 'explain', '--out', run.out], capture_output=True, text=True, check=True).stdout
        for words in ('measured', 'wire', 'PCIe to the NIC of h0', 'read latency x tags', 'CPU of h1, receiving', 'TCP window'):
            self.assertIn(words, text)
        shares = [float(line.split()[-2]) for line in text.split('waiting for')[1].splitlines() if line.endswith('%')]
        self.assertAlmostEqual(sum(shares[:-1]), 100, delta=0.05)
        self.assertEqual(shares[-1], 100)
        self.assert_complains(self.run_program('explain'), 1, 'cannot read', 'result.json')


if __name__ == '__main__':
    main()
