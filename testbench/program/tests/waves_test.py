"""Waves of whole runs: by window and scope, as VCD and FST; by trigger and by flight recorder, which play a stretch of
the run again. A run that is recorded is the same run, and its files can be read however it ends."""

import os
import re
import resource
import shutil
import signal
import subprocess
import time

from fault_test import ILLEGAL
from support import PROGRAM, ProgramTest, main, tshark


class Vcd:
    """Times, paths of variables, and which of them have values, read from a file."""

    def __init__(self, path):
        self.times, self.names, scope = [], {}, []
        self.codes = set()
        with open(path, encoding='ascii') as file:
            for line in file:
                words = line.split()
                if line.startswith('#'):
                    self.times.append(int(line[1:]))
                elif words[:1] == ['$scope']:
                    scope.append(words[2])
                elif words[:1] == ['$upscope']:
                    scope.pop()
                elif words[:1] == ['$var']:
                    self.names['.'.join(scope + [words[4]])] = words[3]
                elif words and not line.startswith('$'):
                    self.codes.add(words[1] if len(words) > 1 else line.strip()[1:])


class WavesTest(ProgramTest):
    def record(self, *arguments):
        return self.run_good('demo', '--file', self.make_file(20_000), *arguments)

    def vcd(self, run):
        return Vcd(os.path.join(run.out, 'waves.vcd'))


class Windows(WavesTest):

    def test_a_recorded_run_is_the_same_run(self):
        for width in (64, 512):
            plain = self.record('--width', width)
            run = self.record('--width', width, '--vcd')
            self.assertEqual(run.result['digest'], plain.result['digest'])
            vcd = Vcd(os.path.join(run.out, 'waves.vcd'))
            self.assertGreater(len(vcd.times), 1000)
            self.assertEqual((vcd.times[0], vcd.times[-1]), (188_000_000, 208_000_000))
            self.assertEqual(vcd.times, sorted(set(vcd.times)))

    def test_default_window_holds_a_whole_way(self):
        """From a doorbell to the interrupt that tells of it, with its frames between: what a newcomer sees first."""
        for width in (64, 512):
            run = self.run_good('demo', '--file', self.make_file(100_000), '--width', width, '--vcd')
            self.assertRegex(run.stdout, r'see them with +gtkwave \S+ \S*waves/tx_path\.gtkw')
            vcd = os.path.join(run.out, 'waves.vcd')
            times = {word: [] for word in ('TX_PROD_IDX', 'interrupt', 'frame')}
            now, names = 0, {code: name for name, code in Vcd(vcd).names.items() if name.startswith('transactions.')}
            with open(vcd, encoding='ascii') as file:
                for line in file:
                    if line.startswith('#'):
                        now = int(line[1:])
                    elif line.startswith('s') and line.split()[0] != 's-':
                        value, code = line.split()
                        name = names.get(code, '')
                        if 'TX_PROD_IDX' in value and name.endswith('.register'):
                            times['TX_PROD_IDX'].append(now)
                        for word in ('interrupt', 'frame'):
                            if name.endswith({'interrupt': '.interrupt', 'frame': '.frame_sent'}[word]):
                                times[word].append(now)
            first, last = times['TX_PROD_IDX'][0], times['interrupt'][-1]
            self.assertGreaterEqual(len([at for at in times['frame'] if first < at < last]), 4, width)
            self.assertLess(first, 192_000_000)  # not behind a stretch in which nothing happens

    def test_window_scope_and_host(self):
        run = self.record('--vcd', '--wave-window', '30us..40.5us', '--wave-scope', 'irq_engine,u_csr.u_global',
                          '--wave-host', 'h1')
        vcd = Vcd(os.path.join(run.out, 'waves.vcd'))
        self.assertEqual((vcd.times[0], vcd.times[-1]), (30_000_000, 40_500_000))
        places = {name.rsplit('.', 1)[0] for name in vcd.names} - {'transactions'}
        self.assertGreater(len(places), 1)
        for place in places:
            self.assertTrue('.u_irq.u_engine' in place or '.u_csr.u_global' in place, place)
        self.assertEqual(vcd.codes, set(vcd.names.values()))

    def test_a_window_that_never_comes(self):
        run = self.record('--vcd', '--wave-window', '1000ms..1001ms')
        self.assertIn('the run ended before their window began', run.stdout)

    def test_fst(self):
        run = self.record('--fst', '--vcd')
        fst = os.path.join(run.out, 'waves.fst')
        vcd = Vcd(os.path.join(run.out, 'waves.vcd'))
        alone = self.record('--wave-window', '188us..208us')  # FST is what one gets who does not say
        self.assertFalse(os.path.exists(os.path.join(alone.out, 'waves.vcd')))
        with open(fst, 'rb') as one, open(os.path.join(alone.out, 'waves.fst'), 'rb') as other:
            self.assertEqual(len(one.read()), len(other.read()))
        if not shutil.which('fst2vcd'):
            self.skipTest('no fst2vcd')
        back = self.path('back.vcd')
        subprocess.run(['fst2vcd', '-f', fst, '-o', back], check=True, capture_output=True)
        again = Vcd(back)
        self.assertEqual(set(again.names), set(vcd.names))
        self.assertEqual(again.times, vcd.times)


class Triggers(WavesTest):
    def test_a_replayed_stretch_is_the_run_itself(self):
        for width in (64, 512):
            with self.subTest(width=width):
                plain = self.record('--width', width)
                replayed = self.record('--width', width, '--vcd', '--wave-on', 'descriptor=10', '--wave-after', '3us')
                self.assertEqual(replayed.result['digest'], plain.result['digest'])
                times = self.vcd(replayed).times
                window = f'{times[0]}ps..{times[-1]}ps'
                direct = self.record('--width', width, '--vcd', '--wave-window', window)
                self.assertEqual(times[-1] - times[0], 13_000_000)
                with open(os.path.join(replayed.out, 'waves.vcd'), 'rb') as one:
                    with open(os.path.join(direct.out, 'waves.vcd'), 'rb') as other:
                        self.assertTrue(one.read() == other.read(), 'the replay is another run')

    def test_frames_registers_times(self):
        run = self.record('--vcd', '--wave-on', 'frame=9', '--wave-before', '2us', '--wave-after', '1us')
        vcd = self.vcd(run)
        if tshark(run.capture, 'frame') is not None:
            at = round(float(tshark(run.capture, 'frame.number == 9', ['frame.time_epoch'])[0]) * 1e12)
            self.assertLess(abs(vcd.times[0] - (at - 2_000_000)), 1000)  # the capture counts in ns
        self.assertEqual(vcd.times[-1] - vcd.times[0], 3_000_000)
        run = self.record('--vcd', '--wave-on', 'register=int_rearm[0]', '--wave-host', 'h1', '--wave-before', '1us')
        self.assertIn('INT_REARM[0] written', run.stdout)
        self.assertEqual(len(self.vcd(run).times) > 100, True)
        run = self.record('--vcd', '--wave-on', 'time=60us')
        self.assertEqual((self.vcd(run).times[0], self.vcd(run).times[-1]), (50_000_000, 70_000_000))
        self.assertTrue(os.path.exists(os.path.join(self.record('--wave-on', 'time=60us').out, 'waves.fst')))
        run = self.record('--vcd', '--wave-on', 'rule')
        self.assertIn('what they wait for did not happen', run.stdout)

    def test_wrong_ones(self):
        for trigger in ('rule=', 'frame=0', 'frame=x', 'descriptor=', 'descriptor=ab0:1', 'descriptor=tx9:1',
                        'register=NOPE', 'register=INT_REARM[99]', 'register=INT_REARM[', 'time=x', 'moon'):
            run = self.run_program('demo', '--wave-on', trigger)
            self.assert_complains(run, 2, '--wave-on')
        self.assert_complains(self.run_program('demo', '--wave-on', 'rule', '--wave-last', '5us'), 2, 'one of them')

    def test_full_disk(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
        run = self.run_program('demo', '--file', self.make_file(20_000), '--vcd', '--wave-on', 'frame=20',
                               preexec_fn=limit)
        self.assert_complains(run, 1, 'waves.vcd: File too large')
        with open(os.path.join(run.out, 'waves.vcd'), encoding='ascii') as file:
            text = file.read()
        self.assertGreater(len(text), 700_000)
        self.assertTrue(text.endswith('\n'))
        self.assertGreater(len(self.vcd(run).times), 100)


class Recorder(WavesTest):
    def test_nothing_happens(self):
        plain, run = self.record(), self.record('--wave-last', '50us')
        self.assertEqual(run.result['digest'], plain.result['digest'])
        self.assertIn('nothing went wrong', run.stdout)
        self.assertFalse([name for name in os.listdir(run.out) if name.startswith('waves')])

    def test_a_run_that_fails(self):
        run = self.run_program('demo', '--file', self.make_file(1_000), '--loss', 1, '--duration-ms', 5,
                               '--vcd', '--wave-last', '50us')
        self.assert_complains(run, 1, 'not done after 5 ms')
        self.assertEqual(self.vcd(run).times[-1] - self.vcd(run).times[0], 51_000_000)
        self.assertGreater(self.vcd(run).times[-1], 5_000_000_000)

    def hit(self, number, *arguments):
        """Sends the signal in the middle of a long transfer; exit code, stderr, output directory."""
        out = self.new_out()
        process = subprocess.Popen([PROGRAM, 'demo', '--file', self.make_file(32 << 20), '--out', out, *arguments],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        capture = os.path.join(out, 'capture.pcapng')
        deadline = time.monotonic() + 60
        while not (os.path.exists(capture) and os.path.getsize(capture) > 300_000):
            self.assertLess(time.monotonic(), deadline, 'no traffic')
            time.sleep(0.02)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=100)
        frames = tshark(capture, 'frame')
        if frames is not None:
            self.assertGreater(len(frames), 200)
        return process.returncode, stderr, out

    def test_control_c(self):
        code, _, out = self.hit(signal.SIGINT, '--vcd', '--wave-last', '50us')
        self.assertEqual(code, 130)
        vcd = Vcd(os.path.join(out, 'waves.vcd'))
        self.assertEqual(vcd.times[-1] - vcd.times[0], 51_000_000)
        self.assertGreater(len(vcd.times), 1000)

    def test_crash(self):
        code, stderr, out = self.hit(signal.SIGSEGV, '--fst', '--vcd', '--wave-last', '50us')
        self.assertEqual(code, -signal.SIGSEGV)
        self.assertIn('the waves before it', stderr)
        vcd = Vcd(os.path.join(out, 'waves.vcd'))
        self.assertEqual(vcd.times[-1] - vcd.times[0], 51_000_000)
        self.assertTrue(os.path.exists(os.path.join(out, 'waves.fst')))
        with open(os.path.join(out, 'result.json'), encoding='utf-8') as file:
            self.assertIn('crashed', file.read())
        for command in ('explain', 'report'):
            self.assert_complains(self.run_program(command, out=out), 1, 'the run crashed')

    def test_crash_in_a_window(self):
        out = self.new_out()
        process = subprocess.Popen([PROGRAM, 'demo', '--out', out, '--vcd', '--wave-window', '0..1000ms'],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        path = os.path.join(out, 'waves.vcd')
        while not (os.path.exists(path) and os.path.getsize(path) > 1_000_000):
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        process.send_signal(signal.SIGABRT)
        process.communicate(timeout=100)
        self.assertEqual(process.returncode, -signal.SIGABRT)
        with open(path, encoding='ascii') as file:
            lines = file.read().split('\n')
        self.assertEqual(lines[-1], '')
        codes = set(Vcd(path).names.values())
        last = lines[-2]
        self.assertTrue(last[0] == '#' or (last.split()[-1] if ' ' in last else last[1:]) in codes, last)


class Causes(WavesTest):
    """Each kind of broken rule that can be made to happen: the recorder's window holds the cause."""

    def check(self, fault, rule):
        run = self.run_program('demo', '--file', self.file, '--fault', fault, '--vcd', '--wave-last', '20us',
                               '--no-capture')
        self.assertEqual(run.code, 1, run.stdout + run.stderr)
        violation = run.result['violations'][0]
        events = [round(float(event.split()[0]) * 1000) for event in violation['events']]
        vcd = self.vcd(run)
        at = violation['time_ps']
        self.assertEqual(violation['rule'], rule)
        recent = [event for event in events if event > at - 200_000_000]  # it reaches back so far
        self.assertLessEqual(vcd.times[0], min(recent + [at]), violation)
        self.assertGreaterEqual(vcd.times[-1], at + 1000, violation)
        # Signals change in the clock cycle that the violation is about, or the NIC is at rest then and for a while.
        near = [time for time in vcd.times if abs(time - at) < 8_000]
        before = max(time for time in vcd.times if time <= at + 1000)
        self.assertTrue(near or at - before > 200_000, (violation, before))
        self.assertIn(violation['rule'], run.stdout)
        view = {'I': 'interrupt_moderation', 'P': 'dma_ordering', 'D': 'dma_ordering'}[rule[0]]
        self.assertRegex(run.stdout, r'see them with +gtkwave \S+ \S*waves/%s\.gtkw' % view)

    def test_every_kind(self):
        self.file = self.make_file(200_000)
        listing = subprocess.run([PROGRAM, 'demo', '--fault', 'help'], capture_output=True, text=True, check=True).stdout
        illegal = {fault: rule for group in ILLEGAL.values() for fault, rule in group.items()}
        kinds = set(re.findall(r'^  (\w+) +breaks \w+', listing, re.M))
        self.assertLessEqual(kinds, {re.split('[@:]', fault)[0] for fault in illegal})
        for fault, rule in illegal.items():
            with self.subTest(fault=fault):
                self.check(fault, rule)


class Views(WavesTest):
    """The saved views in waves/: each signal that one names is in a file, at one width or at both."""

    FOLDER = os.path.join(os.path.dirname(os.environ.get('RINGSIDE_SCRIPT', '')), 'waves')

    def signals(self, width):
        found = set()
        run = self.record('--width', width, '--vcd', '--wave-window', '20us..21us')
        with open(os.path.join(run.out, 'waves.vcd'), encoding='ascii') as file:
            scope = []
            for line in file:
                words = line.split()
                if words[:1] == ['$scope']:
                    scope.append(words[2])
                elif words[:1] == ['$upscope']:
                    scope.pop()
                elif words[:1] == ['$var']:
                    found.add('.'.join(scope + [''.join(words[4:-1])]))
        return found

    def test_every_signal_is_there(self):
        there = {width: self.signals(width) for width in (64, 512)}
        plain = {width: {re.sub(r'\[\d+:\d+\]$', '', name) for name in names} for width, names in there.items()}
        views = sorted(name for name in os.listdir(self.FOLDER) if name.endswith(('.gtkw', '.sucl')))
        self.assertEqual(len(views), 10)
        for view in views:
            with open(os.path.join(self.FOLDER, view), encoding='ascii') as file:
                text = file.read()
            named = re.findall(r'^(?:\+\{[^}]*\} |variable_add )?((?:nic|transactions)\..*)$', text, re.M)
            self.assertGreater(len(named), 15, view)
            for name in named:
                exact = view.endswith('.gtkw')
                everywhere = there[64] | there[512] if exact else plain[64] & plain[512]
                self.assertTrue(name in everywhere, f'{view}: {name}')
                for width in (64, 512):
                    self.assertTrue(re.sub(r'\[\d+:\d+\]$', '', name) in plain[width], f'{view}: {name} at {width} bits')
            for decoder in re.findall(r'^\^1 (.*)$', text, re.M):
                self.assertTrue(os.path.exists(os.path.join(self.FOLDER, '..', decoder)), decoder)

    def test_surfer_takes_every_line(self):
        """Surfer's grammar of command files: # begins a comment, ; ends a command, a divider has one word, a variable a
        path. It says nothing of lines that are wrong, and shows the rest."""
        views = [name for name in os.listdir(self.FOLDER) if name.endswith('.sucl')]
        self.assertEqual(len(views), 5)
        for view in views:
            with open(os.path.join(self.FOLDER, view), encoding='ascii') as file:
                for line in file:
                    self.assertRegex(line, r'^(#.*|divider_add [^\s#;]+|variable_add [\w.]+|zoom_fit)\n$', view)


if __name__ == '__main__':
    main()
