"""Files through the whole machine: any size arrives whole, the same run gives the same digest, faults are survived."""

import hashlib
import os

from support import BAD_FRAME, PROGRAM, TROUBLE, ProgramTest, main, tlps_in_words, tshark


class Sizes(ProgramTest):
    """Around a full segment (1460 bytes of payload), nothing, one byte, and many segments."""

    def check_sizes(self, width):
        for size in (0, 1, 1459, 1460, 1461, 65536):
            with self.subTest(width=width, size=size):
                path = self.make_file(size)
                run = self.run_good('demo', '--file', path, '--width', width)
                self.assert_whole(run, path)
                self.assertEqual(run.result['retransmissions'], 0)
                self.check_capture(run, size)

    def check_capture(self, run, size):
        if tshark(run.capture, 'frame') is None:
            self.skipTest('no tshark')
        self.assertEqual(tshark(run.capture, BAD_FRAME), [])
        self.assertEqual(tshark(run.capture, TROUBLE), [])
        # The frames hold every byte once; all of them carry a good FCS and a good checksum.
        lengths = tshark(run.capture, 'tcp', ['tcp.len', 'tcp.checksum.status', 'eth.fcs.status'])
        self.assertEqual(sum(int(line.split('\t')[0]) for line in lengths), size)
        self.assertEqual({tuple(line.split('\t')[1:]) for line in lengths}, {('1', '1')})
        self.assertEqual(len(tshark(run.capture, 'frame')), run.result['frames'])

    def test_64_bits(self):
        self.check_sizes(64)

    def test_512_bits(self):
        self.check_sizes(512)


class Large(ProgramTest):
    def check_large(self, width):
        path = self.make_file(16 << 20)
        run = self.run_good('demo', '--file', path, '--width', width, timeout=850)
        self.assert_whole(run, path)
        self.assertEqual(run.result['retransmissions'], 0)
        if tshark(run.capture, BAD_FRAME) is not None:
            self.assertEqual(tshark(run.capture, BAD_FRAME), [])
            self.assertEqual(tshark(run.capture, TROUBLE), [])

    def test_16_mib_64_bits(self):
        self.check_large(64)

    def test_16_mib_512_bits(self):
        self.check_large(512)


class Scenarios(ProgramTest):
    """Other machines than the demo's: what a scenario file can change must not change what arrives."""

    def run_scenario(self, width, path, changes):
        scenario = self.run_good('demo', '--file', path, '--width', width, '--print').stdout
        for old, new in changes:
            self.assertIn(old, scenario)
            scenario = scenario.replace(old, new)
        run = self.run_good('run', '-', input=scenario)
        self.assert_whole(run, path)
        self.assertEqual(run.result['retransmissions'], 0)
        return run.result

    def check_each(self, changes):
        path = self.make_file(150_000)
        for width in (64, 512):
            for change in changes:
                with self.subTest(width=width, change=change):
                    self.run_scenario(width, path, change)

    def test_hosts(self):
        slow = ('profile = "desktop"', 'profile = "slow_and_far"')
        nasty = ('nasty = false', 'nasty = true')
        self.check_each(([nasty], [slow, nasty], [('iommu = true', 'iommu = false')],
                         [('cpu_cost = 1.0', 'cpu_cost = 0')], [('core_mhz = 250.0', 'core_mhz = 125')],
                         [('latency_ns = 500', 'latency_ns = 1000000')]))

    def test_slots(self):
        """[host.pcie]: the rate of the link bounds the goodput, the sizes of TLPs set how many there are."""
        path = self.make_file(200_000)

        def run(changes):
            return self.run_scenario(64, path, changes)
        slow = run([('generation = 0', 'generation = 1'), ('lanes = 0', 'lanes = 1')])
        self.assertLess(slow['goodput_mbps'], 2000)  # 2.5 GT/s, 8b/10b
        small = run([('mps_bytes = 0', 'mps_bytes = 128'), ('mrrs_bytes = 0', 'mrrs_bytes = 128')])
        large = run([('generation = 0', 'generation = 4'), ('lanes = 0', 'lanes = 16'), ('mps_bytes = 0', 'mps_bytes = 1024'),
                     ('mrrs_bytes = 0', 'mrrs_bytes = 4096'), ('rcb_bytes = 0', 'rcb_bytes = 128')])
        self.assertGreater(small['tlps'], 1.5 * large['tlps'])
        self.assertGreater(large['pcie_efficiency'], small['pcie_efficiency'])
        self.assertGreater(large['goodput_mbps'], slow['goodput_mbps'])

    def test_nic_settings(self):
        sizes = (('tx_ring', 256), ('rx_ring', 1024), ('return_ring', 1024))
        rings = [(f'{name} = {size}', f'{name} = 8') for name, size in sizes]
        at_once = [('rx_us = 10', 'rx_us = 0'), ('tx_us = 50', 'tx_us = 0'), ('rx_frames = 16', 'rx_frames = 1')]
        software = [('tx_checksum = true', 'tx_checksum = false'), ('rx_checksum = true', 'rx_checksum = false')]
        self.check_each((rings, at_once, software, [('mtu_bytes = 1500', 'mtu_bytes = 9000')],
                         [('mtu_bytes = 1500', 'mtu_bytes = 576')], [('auto_mask = true', 'auto_mask = false')]))

    def test_three_connections_both_ways(self):
        paths = [self.make_file(size, seed=size) for size in (70_000, 50_000, 60_000)]
        scenario = self.run_good('demo', '--file', paths[0], '--print').stdout
        for path, sender, receiver, address, port in ((paths[1], 'h0', 'h1', '10.0.0.2', 5002),
                                                      (paths[2], 'h1', 'h0', '10.0.0.1', 5003)):
            scenario += '[[application]]\nkind = "send_file"\nhost = "%s"\nto = "%s:%d"\n' % (sender, address, port)
            scenario += 'file = "%s"\nstart_us = 20\n' % path
            scenario += '[[application]]\nkind = "receive_file"\nhost = "%s"\nport = %d\n' % (receiver, port)
        result = self.run_good('run', '-', input=scenario).result
        for path, transfer in zip(paths, result['transfers']):
            with open(path, 'rb') as file:
                sha = hashlib.sha256(file.read()).hexdigest()
            self.assertEqual((transfer['sha256_sent'], transfer['sha256_received']), (sha, sha))


class Digest(ProgramTest):
    def digest(self, *arguments):
        return self.run_good('demo', '--file', self.path_of_file, *arguments).result['digest']

    def setUp(self):
        super().setUp()
        self.path_of_file = self.make_file(100_000)

    def test_same_seed_twice(self):
        for width in (64, 512):
            for faults in ((), ('--loss', 0.02)):
                with self.subTest(width=width, faults=faults):
                    self.assertEqual(self.digest('--width', width, *faults), self.digest('--width', width, *faults))

    def test_sleep_changes_nothing(self):
        for width in (64, 512):
            with self.subTest(width=width):
                arguments = ['demo', '--file', self.path_of_file, '--width', width]
                awake = self.run_good(*arguments, '--no-sleep').result
                asleep = self.run_good(*arguments).result
                self.assertEqual(awake['digest'], asleep['digest'])
                self.assertEqual(awake['sim_time_ns'], asleep['sim_time_ns'])
                self.assertEqual(awake['core_cycles_evaluated_share'], 1)
                self.assertLess(asleep['core_cycles_evaluated_share'], 1)

    def test_checkers_change_nothing(self):
        for width in (64, 512):
            with self.subTest(width=width):
                self.assertEqual(self.digest('--width', width), self.digest('--width', width, '--no-check'))

    def test_another_seed_or_file(self):
        other = self.make_file(100_000, seed=2)
        digests = {self.digest('--seed', 1), self.digest('--seed', 2),
                   self.run_good('demo', '--file', other, '--seed', 1).result['digest']}
        self.assertEqual(len(digests), 3)

    def test_printed_scenario_is_the_same_run(self):
        run = self.run_good('demo', '--file', self.path_of_file, '--seed', 5, '--width', 64)
        printed = self.run_good('demo', '--file', self.path_of_file, '--seed', 5, '--width', 64, '--print').stdout
        scenario = self.path('my scenario.toml')
        with open(scenario, 'w', encoding='utf-8') as file:
            file.write(printed)
        self.assertEqual(self.run_good('run', scenario).result['digest'], run.result['digest'])
        self.assertEqual(self.run_good('run', '-', input=printed).result['digest'], run.result['digest'])


class Faults(ProgramTest):
    def check_faults(self, width):
        path = self.make_file(400_000)
        faults = ['--loss', 0.03, '--duplicate', 0.03, '--reorder', 0.03]
        run = self.run_good('demo', '--file', path, '--width', width, *faults)
        self.assert_whole(run, path)
        result = run.result
        self.assertGreater(result['retransmissions'], 0)
        for fault in ('lost', 'duplicated', 'reordered'):
            self.assertGreater(result['counters']['wire.h0.' + fault], 0)
        bad = tshark(run.capture, BAD_FRAME)
        if bad is not None:
            self.assertEqual(bad, [])

    def test_64_bits(self):
        self.check_faults(64)

    def test_512_bits(self):
        self.check_faults(512)

    def test_corrupt_frames_are_dropped_and_counted(self):
        path = self.make_file(200_000)
        run = self.run_good('demo', '--file', path, '--corrupt', 0.05)
        self.assert_whole(run, path)
        result = run.result
        corrupted = result['counters']['wire.h0.corrupted'] + result['counters']['wire.h1.corrupted']
        self.assertGreater(corrupted, 0)
        dropped = sum(count for name, count in result['drops'].items() if '.nic.' in name)
        self.assertGreaterEqual(dropped, corrupted)


class Results(ProgramTest):
    def test_keys(self):
        run = self.run_good('demo', '--file', self.make_file(3_000))
        result = run.result
        for key in ('seed', 'digest', 'bytes', 'sha256_sent', 'sha256_received', 'sim_time_ns', 'wall_s', 'core_cycles',
                    'frames', 'interrupts', 'retransmissions', 'violations', 'versions', 'drops', 'command'):
            self.assertIn(key, result)
        self.assertTrue({'verilator', 'systemc', 'compiler'} <= set(result['versions']))
        for word in (result['digest'], result['sha256_sent'], 'goodput', 'PCIe efficiency', 'per packet',
                     'capture.pcapng', 'result.json'):
            self.assertIn(word, run.stdout)
        self.assertGreater(result['frames'], 6)
        self.assertGreater(result['interrupts'], 0)
        self.assertGreater(result['tlp_payload_bytes'], 6_000)

    def test_json_goes_where_it_is_told(self):
        place = self.path('elsewhere.json')
        run = self.run_good('demo', '--file', self.make_file(10), '--json', place)
        self.assertTrue(os.path.exists(place))
        self.assertFalse(os.path.exists(os.path.join(run.out, 'result.json')))

    def test_tlp_capture(self):
        """All TLPs of the run, in words, on the clock of the wire's capture; the run itself is the same."""
        path = self.make_file(30_000)
        plain = self.run_good('demo', '--file', path).result
        run = self.run_good('demo', '--file', path, '--tlp-capture')
        self.assertEqual(run.result['digest'], plain['digest'])
        names = ('frame.time_epoch', 'frame.interface_name', 'tlp.direction', 'tlp.type', 'tlp.register', 'tlp.status',
                 'tlp.request_in', '_ws.col.Info', '_ws.malformed', 'tlp.malformed')
        lines = tlps_in_words(os.path.join(run.out, 'tlps.pcapng'), names)
        if lines is None:
            self.skipTest('no tshark')
        tlps = [dict(zip(names, line.split('\t'))) for line in lines]
        self.assertEqual(len(tlps), run.result['tlps'])
        self.assertEqual([tlp for tlp in tlps if tlp['_ws.malformed'] or tlp['tlp.malformed']], [])
        times = [float(tlp['frame.time_epoch']) for tlp in tlps]
        self.assertEqual(times, sorted(times))
        self.check_tlp_words(tlps)
        # The first doorbell of the sender rings before its first frame leaves, by the two files' clocks.
        frames = tshark(run.capture, 'frame', ['frame.time_epoch', 'frame.interface_name'])
        sent = min(float(line.split('\t')[0]) for line in frames if line.split('\t')[1] == 'h0')
        rung = min(time for time, tlp in zip(times, tlps)
                   if '(0xe0004010) = 0x00000001' in tlp['_ws.col.Info'] and tlp['frame.interface_name'] == 'h0')
        self.assertLess(rung, sent)
        self.assertLess(sent - rung, 5e-6)

    def check_tlp_words(self, tlps):
        completions = [tlp for tlp in tlps if tlp['tlp.type'] in ('Cpl', 'CplD')]
        self.assertGreater(len(completions), 100)
        for completion in completions:  # each names its request, of the same NIC and the other direction
            request = tlps[int(completion['tlp.request_in']) - 1]
            self.assertEqual(completion['tlp.status'], 'SC')
            self.assertIn(request['tlp.type'], ('MRd', 'CfgRd0', 'CfgWr0'))
            self.assertEqual(request['frame.interface_name'], completion['frame.interface_name'])
            self.assertNotEqual(request['tlp.direction'], completion['tlp.direction'])
        answered = {tlp['tlp.request_in'] for tlp in completions}
        requests = {str(i + 1) for i, tlp in enumerate(tlps) if tlp['tlp.type'] in ('MRd', 'CfgRd0', 'CfgWr0')}
        self.assertEqual(answered, requests)
        words = '\n'.join(tlp['_ws.col.Info'] for tlp in tlps)
        for word in ('CfgRd0 01:00.0 0x000 (vendor, device)', 'CplD SC = 0x01001d9b, 4 octets left',
                     'MWr interrupt message (0xfee0', 'MWr TX_PROD_IDX[0] (0xe0004010) = 0x00000001, 4 octets',
                     'MRd RX_FRAMES (0xe00010', 'requester 01:00.0'):
            self.assertIn(word, words)
        to_nic = [tlp for tlp in tlps if tlp['tlp.type'] in ('MRd', 'MWr') and tlp['tlp.direction'] == 'to the NIC']
        self.assertTrue(all(tlp['tlp.register'] for tlp in to_nic))  # every register has a name

    def test_default_file_is_the_program(self):
        result = self.run_good('demo', '--duration-ms', 60_000).result
        self.assertEqual(result['bytes'], os.path.getsize(PROGRAM))


if __name__ == '__main__':
    main()
