"""Journeys: the times of every packet's steps beside those of the captures, and the trace that shows them."""

import bisect
import collections
import json
import os
import resource
import signal
import subprocess
import time
import unittest

from captures import Tlp, journeys, pcapng, trace
from support import PROGRAM, ProgramTest, main, tshark

WAY = ['call', 'file', 'copied', 'segment', 'routed', 'framed', 'posted', 'doorbell', 'told', 'fetch', 'fetched', 'read',
       'in_nic', 'sent', 'arrived', 'whole', 'stored', 'in_memory', 'entry', 'index', 'message', 'handler', 'taken',
       'ethernet', 'ip', 'tcp', 'queued', 'user']
# What a TLP's comment says, the column that bears its time, and whether the first or the last such TLP of a packet counts.
AT_THE_PINS = [('doorbell', 'told', min, False), ('descriptors are fetched', 'fetch', min, True),
               ('data is fetched', 'read', min, True), ('data for the NIC', 'in_nic', max, False),
               ('frame to memory', 'stored', min, True), ('frame to memory', 'in_memory', max, True),
               ('return entry', 'entry', max, True), ('producer index', 'index', max, True),
               ('consumer index', 'done', max, True)]


def way_of(row):
    return [(name, row[name]) for name in WAY if row[name] is not None]


class Journeys(ProgramTest):
    def frames(self, run):
        return list(pcapng(run.capture))

    def tlps(self, run):
        return [Tlp(packet) for packet in pcapng(os.path.join(run.out, 'tlps.pcapng'))]

    def check_wire(self, run, rows, latency_ns):
        """Every frame of the capture is the packet its comment names, at its time."""
        frames = self.frames(run)
        for frame in frames:
            self.assertRegex(frame.comment, r'^packet [0-9]+$')
            row = rows[int(frame.comment.split(' ')[1])]
            self.assertEqual(row['from'], 'h%d' % frame.interface)
            self.assertEqual(row['bytes'], len(frame.data))
            # The steps up to the wire, added up, are the time in the capture.
            way = way_of(row)
            upto = [time for name, time in way if WAY.index(name) <= WAY.index('sent')]
            took = sum(after - before for before, after in zip(upto, upto[1:]))
            self.assertEqual((upto[0] + took) // 1000, frame.time_ns, row)
            if row['arrived'] is not None:
                self.assertEqual(row['arrived'] - row['sent'], latency_ns * 1000)
        self.assertEqual(len({frame.comment for frame in frames}), len(frames))
        return frames

    def check_pins(self, run, rows, frames):
        """The steps at the pins bear the times of the TLPs that do them, and those carry the packet's own bytes."""
        seen = collections.defaultdict(list)
        written = collections.defaultdict(bytes)
        for tlp in self.tlps(run):
            for what, ids in tlp.packets().items():
                for packet in ids:
                    receiver = what in ('frame to memory', 'return entry', 'producer index')
                    self.assertEqual(rows[packet]['to' if receiver else 'from'], 'h%d' % tlp.host)
                    seen[packet, what].append(tlp)
                if what == 'frame to memory':
                    written[ids[0]] += tlp.enabled
        for packet, row in rows.items():
            for what, column, choose, from_nic in AT_THE_PINS:
                times = [tlp.time_ps for tlp in seen[packet, what]]
                if row[column] is not None or times:
                    self.assertEqual(row[column], choose(times), (what, row))
                self.assertTrue(all(tlp.from_nic == from_nic for tlp in seen[packet, what]))
        for frame in frames:
            packet = int(frame.comment.split(' ')[1])
            self.assertEqual(written[packet], frame.data[:-4][:len(written[packet])])
            self.assertEqual(len(written[packet]), len(frame.data) - 4)

    def check_order(self, rows):
        """No step comes before the one in front of it, and the first and last are the right ones."""
        for row in rows.values():
            way = way_of(row)
            for (name, time), (then, later) in zip(way, way[1:]):
                self.assertLessEqual(time, later, '%s, %s: %s' % (name, then, row))
            if row['payload'] and row['write']:
                self.assertEqual(way[0][0], 'call', row)
            if row['payload'] and row['fate'] == 'delivered' and row['user'] is not None:
                self.assertEqual(way[-1][0], 'user', row)
            for earlier, later in (('in_nic', 'done'), ('done', 'done_message'), ('done', 'given_back'),
                                   ('provided', 'provided_fetched'), ('provided_fetched', 'stored')):
                if row[earlier] is not None and row[later] is not None:
                    self.assertLessEqual(row[earlier], row[later], row)

    def check_command(self, run, row):
        """`ringside journey N` prints the same times; its rows add up to its sum."""
        text = subprocess.run([PROGRAM, 'journey', str(row['id']), '--out', run.out], capture_output=True, text=True,
                              check=True).stdout
        self.assertTrue(text.startswith('packet %d: %s\n' % (row['id'], row['head'])), text)
        table = [line.split() for line in text.split('beside the way')[0].splitlines()
                 if line.startswith('  ') and line.strip()][1:]
        number = lambda word: round(float(word.replace(',', '')) * 1000)
        steps, total = table[:-1], table[-1]
        self.assertEqual(total[0], 'sum')
        way = way_of(row)
        self.assertEqual(number(steps[0][-1]), way[0][1])
        self.assertEqual([number(step[-3]) for step in steps[1:]], [time for _, time in way[1:]])
        took = [number(step[-2]) for step in steps[1:]]
        self.assertEqual(sum(took), number(total[-2]))
        self.assertAlmostEqual(sum(float(step[-1].rstrip('%')) for step in steps[1:]), 100, delta=1.5)

    def test_times_are_those_of_the_captures(self):
        run = self.run_good('demo', '--file', self.make_file(9_700_000), '--journeys', '--tlp-capture')
        _, rows = journeys(run.out)
        self.assertGreaterEqual(len(rows), 10_000)
        frames = self.check_wire(run, rows, 500)
        self.assertEqual(len(frames), len(rows))
        self.check_pins(run, rows, frames)
        self.check_order(rows)
        self.assertEqual({row['fate'] for row in rows.values()}, {'delivered'})
        data = [row for row in rows.values() if row['payload']]
        self.assertEqual(sum(row['payload'] for row in data), 9_700_000)
        for row in data:
            complete = [name for name in WAY if row[name] is None and name not in ('message', 'handler')]
            self.assertEqual(complete, [], row)
        for row in (data[0], data[len(data) // 2], data[-1]):
            self.check_command(run, row)

    def test_other_settings(self):
        path = self.make_file(300_000)
        text = subprocess.run([PROGRAM, 'demo', '--print', '--width', '64', '--file', path], capture_output=True,
                              text=True, check=True).stdout
        for old, new in (('segmentation = true', 'segmentation = false'), ('msi = false', 'msi = true'),
                         ('iommu = true', 'iommu = false'), ('nasty = false', 'nasty = true'),
                         ('tx_checksum = true', 'tx_checksum = false'), ('vlan = 0', 'vlan = 7')):
            self.assertIn(old, text)
            text = text.replace(old, new)
        scenario = self.path('scenario.toml')
        with open(scenario, 'w', encoding='utf-8') as file:
            file.write(text)
        run = self.run_good('run', scenario, '--journeys', '--tlp-capture')
        plain = self.run_good('run', scenario)
        self.assertEqual(run.result['digest'], plain.result['digest'])  # whoever looks changes nothing
        _, rows = journeys(run.out)
        self.check_wire(run, rows, 500)
        self.check_order(rows)
        self.assertEqual({row['fate'] for row in rows.values()}, {'delivered'})

    def run_both_ways(self, changes):
        paths = [self.make_file(size, seed=size) for size in (150_000, 80_001, 100_002, 40_003)]
        text = self.run_good('demo', '--file', paths[0], '--print').stdout
        for old, new in changes.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        for path, sender, receiver, address, port in ((paths[1], 'h0', 'h1', '10.0.0.2', 5002),
                                                      (paths[2], 'h1', 'h0', '10.0.0.1', 5003),
                                                      (paths[3], 'h0', 'h1', '10.0.0.2', 5004)):
            text += '[[application]]\nkind = "send_file"\nhost = "%s"\nto = "%s:%d"\n' % (sender, address, port)
            text += 'file = "%s"\nstart_us = 20\n' % path
            text += '[[application]]\nkind = "receive_file"\nhost = "%s"\nport = %d\n' % (receiver, port)
        run = self.run_good('run', '-', '--journeys', '--tlp-capture', input=text)
        _, rows = journeys(run.out)
        frames = self.check_wire(run, rows, 500)
        self.check_order(rows)
        return run, rows, frames

    def test_four_queues_both_ways(self):
        run, rows, frames = self.run_both_ways({'queues = 1': 'queues = 4'})
        self.check_pins(run, rows, frames)
        self.assertEqual({row['fate'] for row in rows.values()}, {'delivered'})
        self.assertGreater(len({row['tx_queue'] for row in rows.values()}), 1)
        self.assertGreater(len({row['rx_queue'] for row in rows.values()}), 1)

    def test_no_buffer(self):
        run, rows, _ = self.run_both_ways({'queues = 1': 'queues = 2', 'rx_ring = 1024': 'rx_ring = 16',
                                           'return_ring = 1024': 'return_ring = 16', 'cpu_cost = 1.0': 'cpu_cost = 3.0'})
        dropped = sum(run.result['drops'].get(host + '.nic.rx_no_buffer', 0) for host in ('h0', 'h1'))
        self.assertGreater(dropped, 0)
        self.assertEqual(sum(row['fate'] == 'dropped by the NIC' for row in rows.values()), dropped)

    def test_faults(self):
        run = self.run_good('demo', '--file', self.make_file(400_000), '--journeys', '--loss', 0.03, '--duplicate', 0.03,
                            '--reorder', 0.03, '--corrupt', 0.03)
        _, rows = journeys(run.out)
        result = run.result
        fates = collections.Counter(row['fate'] for row in rows.values())
        counter = lambda name: sum(result['counters'].get('wire.%s.%s' % (host, name), 0) for host in ('h0', 'h1'))
        self.assertGreater(counter('lost'), 0)
        self.assertEqual(fates['lost on the wire'], counter('lost'))
        self.assertEqual(fates['damaged'], sum(result['drops'].get(host + '.nic.rx_fcs_errors', 0) for host in ('h0', 'h1')))
        taken = sum(result['counters'][host + '.driver.rx_packets'] for host in ('h0', 'h1'))
        self.assertEqual(fates['delivered'], taken)
        self.assertEqual(len(rows), result['frames'] + counter('duplicated'))
        self.check_order(rows)

    def test_trace_is_of_the_trace_event_format(self):
        """Chrome's Trace Event Format, as ui.perfetto.dev imports it: what each phase must have, with its type; times in
        microseconds; a flow begins once, and lies in slices by its time (no "bp": bound to the slice around it)."""
        run = self.run_good('demo', '--file', self.make_file(50_000), '--journeys')
        with open(os.path.join(run.out, 'trace.json'), encoding='utf-8') as file:
            events = json.load(file)
        self.assertIsInstance(events, list)
        needs = {'X': {'name': str, 'ts': (int, float), 'dur': (int, float), 'pid': int, 'tid': int},
                 's': {'name': str, 'cat': str, 'ts': (int, float), 'pid': int, 'tid': int, 'id': (int, str)},
                 't': {'name': str, 'cat': str, 'ts': (int, float), 'pid': int, 'tid': int, 'id': (int, str)},
                 'M': {'name': str, 'pid': int, 'args': dict}}
        begun, last = set(), {}
        for event in events:
            self.assertIn(event.get('ph'), needs, event)
            for key, kind in needs[event['ph']].items():
                self.assertIsInstance(event.get(key), kind, (key, event))
            if event['ph'] == 'M':
                self.assertIn(event['name'], ('process_name', 'thread_name', 'process_sort_index', 'thread_sort_index'))
                self.assertTrue(event['args'].keys() & {'name', 'sort_index'}, event)
                continue
            self.assertGreaterEqual(event['ts'], 0)
            self.assertGreaterEqual(event.get('dur', 0), 0)
            if event['ph'] == 's':
                self.assertNotIn(event['id'], begun)
                begun.add(event['id'])
            if event['ph'] in 'st':
                key = event['cat'], event['name'], event['id']
                self.assertLessEqual(last.get(key, 0), event['ts'])
                last[key] = event['ts']
        self.assertGreater(len(begun), 30)
        self.assertEqual(len({key[2] for key in last}), len(last))  # one name and category for each flow

    def test_trace(self):
        run = self.run_good('demo', '--file', self.make_file(200_000), '--journeys')
        _, rows = journeys(run.out)
        slices, flows, names_of = collections.defaultdict(list), collections.defaultdict(list), {}
        for event in trace(run.out):
            thread = event['pid'], event.get('tid')
            if event['ph'] == 'X':
                start = round(event['ts'] * 1000)
                slices[thread].append((start, start + round(event['dur'] * 1000)))
            elif event['ph'] in 'st':
                flows[event['id']].append((event['ph'], thread, round(event['ts'] * 1000)))
            elif event['name'] == 'thread_name':
                names_of[thread] = event['args']['name'].rstrip('0123456789 ')
        names = set(names_of.values())
        self.assertEqual(len({thread for _, thread in slices}), len(slices))  # no number twice, whatever the process
        self.assertLessEqual({'application', 'TCP, to send', 'TX ring', 'DMA, to send', 'MAC, to send', 'wire',
                              'TLPs from the NIC', 'TLPs to the NIC', 'MAC, received', 'DMA, received', 'return ring',
                              'TCP, received', 'application, read'}, names)
        for thread, spans in slices.items():
            spans.sort()
            for (_, end), (start, _) in zip(spans, spans[1:]):
                self.assertLessEqual(end, start, thread)  # nothing overlaps on a track
        for row in rows.values():
            steps = flows[row['id']]
            self.assertEqual(steps[0][0], 's', row)
            self.assertEqual({phase for phase, _, _ in steps[1:]}, {'t'}, row)
            crossed = {names_of[thread] for _, thread, _ in steps}
            everywhere = {'application', 'TCP, to send', 'TCP, received', 'application, read'} if row['payload'] else set()
            self.assertLessEqual(everywhere | {'TX ring', 'DMA, to send', 'MAC, to send', 'wire', 'TLPs from the NIC',
                                               'TLPs to the NIC', 'MAC, received', 'DMA, received'}, crossed, row)
            for _, thread, time in steps:  # each lies in a slice of its track
                spans = slices[thread]
                at = bisect.bisect_right(spans, (time, float('inf'))) - 1
                self.assertTrue(at >= 0 and spans[at][0] <= time < spans[at][1], (row, thread, time))
            self.assertEqual([time for _, _, time in steps], sorted(time for _, _, time in steps), row)

    def test_comments_in_tshark(self):
        run = self.run_good('demo', '--file', self.make_file(20_000), '--journeys', '--tlp-capture')
        comments = tshark(run.capture, 'frame.comment', ['frame.comment'])
        if comments is None:
            self.skipTest('no tshark')
        _, rows = journeys(run.out)
        self.assertEqual(comments, ['packet %d' % row['id'] for row in sorted(rows.values(), key=lambda row: row['sent'])])
        tlps = tshark(os.path.join(run.out, 'tlps.pcapng'), 'frame.comment contains "packet"', ['frame.comment'])
        self.assertTrue(any(comment.endswith(': frame to memory') for comment in tlps))

    def test_spoiled_frames(self):
        path = self.make_file(100_000)
        for kind, fate, counter in (('runt', 'dropped by the NIC', 'rx_runts'), ('preamble', 'damaged', 'rx_symbol_errors'),
                                    ('fcs_error', 'damaged', 'rx_fcs_errors')):
            run = self.run_good('demo', '--file', path, '--journeys', '--fault', kind + '@h0:t=180us')
            _, rows = journeys(run.out)
            self.check_order(rows)
            fates = collections.Counter(row['fate'] for row in rows.values())
            self.assertEqual(fates[fate], 1, (kind, fates))
            self.assertEqual(run.result['drops'].get('h1.nic.' + counter), 1, run.result['drops'])

    def test_after_control_c(self):
        out = self.new_out()
        process = subprocess.Popen([PROGRAM, 'demo', '--file', self.make_file(32 << 20), '--journeys', '--out', out],
                                   cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        path = os.path.join(out, 'journeys.tsv')
        until = time.time() + 60
        while (not os.path.exists(path) or os.path.getsize(path) < 200_000) and time.time() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        _, rows = journeys(out)
        self.assertEqual(sorted(rows), list(range(1, len(rows) + 1)))
        trace(out)
        for command in (['report'], ['explain'], ['journey', '1']):
            self.assertEqual(subprocess.run([PROGRAM, *command, '--out', out], capture_output=True, check=False).returncode, 0)

    def test_full_disk(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
        run = self.run_program('demo', '--file', self.make_file(3_000_000), '--journeys', preexec_fn=limit)
        self.assert_complains(run, 1, 'trace.json: File too large')
        _, rows = journeys(run.out)
        self.assertGreater(len(rows), 100)
        with open(os.path.join(run.out, 'trace.json'), encoding='utf-8') as file:
            events = json.loads(file.read().rstrip().rstrip(',') + ']')  # as its readers do
        self.assertGreater(len(events), 1_000)

    def test_complaints(self):
        run = self.run_good('demo', '--file', self.make_file(1_000), '--journeys')
        missing = self.run_program('journey', 999_999, out=run.out)
        self.assert_complains(missing, 1, 'there is no packet 999999')
        self.assert_complains(self.run_program('journey', 1), 1, 'journeys.tsv', '--journeys')
        self.assert_complains(self.run_program('journey', 'x'), 2, 'packet')


if __name__ == '__main__':
    main()
