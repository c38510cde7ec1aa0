"""`ringside console`: a run that is stepped, stopped and looked into is the same run; it stops where it was told to; what
it shows is what the files of the run say afterwards."""

import csv
import fcntl
import os
import pty
import random
import re
import select
import signal
import subprocess
import termios
import time

from support import PROGRAM, ProgramTest, main

PROMPT = re.compile(r'^([0-9.]+) us> (.*)$')
VOLATILE = {'wall_s', 'command', 'cycles_per_s', 'co_simulation_efficiency', 'files', 'explain'}


class Session:
    """What a console printed: (time in us, command, answer) one after the other."""

    def __init__(self, run):
        self.run = run
        self.steps = []
        for line in run.stdout.splitlines():
            match = PROMPT.match(line)
            if match:
                self.steps.append([float(match.group(1)), match.group(2), ''])
            elif self.steps:
                self.steps[-1][2] += line + '\n'

    def answer(self, command):
        return next(answer for _, said, answer in self.steps if said == command)

    def after(self, number):
        """Simulated time, in us, at the prompt after the `number`th command (from 0)."""
        return self.steps[number + 1][0]


class Talk:
    """A console that is talked to while it runs."""

    def __init__(self, test, to, back):
        self.test, self.to, self.back = test, to, back
        self.shown, self.seen = '', 0

    def until(self, words):
        """Waits for them, behind those waited for before."""
        deadline = time.monotonic() + 60
        while words not in self.shown[self.seen:]:
            self.test.assertLess(time.monotonic(), deadline, self.shown[self.seen:] + ' lacks ' + words)
            if select.select([self.back], [], [], 1)[0]:
                self.shown += os.read(self.back, 4096).decode()
        self.seen = self.shown.index(words, self.seen) + len(words)

    def say(self, keys, words):
        os.write(self.to, keys)
        self.until(words)


def steady(result):
    return {key: value for key, value in result.items() if key not in VOLATILE}


class ConsoleTest(ProgramTest):
    def console(self, lines, *arguments, file=None, good=True, **more):
        arguments = ['console', '--file', file or self.make_file(20_000), *arguments]
        run = self.run_program(*arguments, input='\n'.join(lines) + '\n', **more)
        if good:
            self.assertEqual(run.code, 0, run.stdout + run.stderr)
        return Session(run)

    def journeys(self, *arguments):
        """Packets of a plain run of the same file, by id: column -> picoseconds or text."""
        run = self.run_good('demo', '--file', self.make_file(20_000), '--journeys', *arguments)
        with open(os.path.join(run.out, 'journeys.tsv'), encoding='utf-8') as file:
            return {int(row['id']): row for row in csv.DictReader(file, delimiter='\t')}


class Console(ConsoleTest):
    def test_looking_changes_nothing(self):
        """Any sequence of steps, with everything looked at: same digest, same capture, same results."""
        looks = ['where', 'registers', 'registers irq', 'rings', 'ring tx 0', 'ring ret 0 0..3', 'descriptor tx 0 0',
                 'counters', 'tlps', 'events 5', 'rules', 'packet 3', 'host 1', 'host 0']
        for width in (64, 512):
            chance = random.Random(width)
            steps = ['step %dns' % chance.randint(1, 5000), 'step event %d' % chance.randint(1, 9), 'step frame',
                     'step event', 'step 300ns', '']
            lines = ['step 70us', 'break register INT_REARM', 'break step T8']
            for _ in range(40):
                lines += [chance.choice(steps), chance.choice(looks)]
            plain = self.run_good('demo', '--file', self.make_file(20_000), '--width', width, '--tlp-capture')
            # What follows the applications is stopped and looked into as well: the last 300 us are linger and counters.
            lines += ['wave dump 2us', 'delete all', 'break time %dns' % (plain.result['sim_time_ns'] - 170_000),
                      'continue', 'registers', 'step 3us', 'step event']
            session = self.console(lines + ['finish'], '--width', width, '--tlp-capture')
            self.assertIn('breakpoint', session.answer('continue'))
            self.assertIn('digest', plain.result)
            self.assertEqual(steady(session.run.result), steady(plain.result))
            for name in ('capture.pcapng', 'tlps.pcapng'):
                with open(os.path.join(session.run.out, name), 'rb') as a, open(os.path.join(plain.out, name), 'rb') as b:
                    self.assertEqual(a.read(), b.read(), name)

    def test_breakpoints_stop_at_their_time(self):
        for width in (64, 512):
            packets = self.journeys('--width', width)
            us = lambda packet, column: int(packets[packet][column]) / 1e6
            sent = sorted(int(row['sent']) / 1e6 for row in packets.values() if row['sent'])
            doorbell = int(packets[9]['doorbell']) / 1e6
            index = max(int(row['tx_idx']) for row in packets.values()
                        if row['from'] == 'h0' and row['doorbell'] and int(row['doorbell']) <= doorbell * 1e6)
            for what, at in (('step T8 9', us(9, 'fetch')), ('step fetched 9', us(9, 'fetched')),
                             ('step T7 9 h0', us(9, 'posted')), ('step told 9', us(9, 'told')),
                             ('step R5 9', us(9, 'entry')), ('step R10 9', us(9, 'tcp')), ('time 123.456us', 123.456),
                             ('register INT_CONTROL', None)):
                with self.subTest(width=width, what=what):
                    session = self.console(['break ' + what, 'continue', 'info breakpoints', 'quit'], '--width', width)
                    self.assertIn('breakpoint 1', session.steps[1][2])
                    self.assertIn('stopped 1 times', session.answer('info breakpoints'))
                    if at is not None:
                        self.assertAlmostEqual(session.after(1), at, 5)
            session = self.console(['step %.6fus' % (doorbell - 0.001), 'break register TX_PROD_IDX[0] h0', 'continue',
                                    'quit'], '--width', width)
            self.assertAlmostEqual(session.after(2), doorbell, 5)
            self.assertGreater(int(re.search(r'TX_PROD_IDX\[0\] = (0x[0-9a-f]+)', session.answer('continue'))[1], 16),
                               index)
            for number in (1, 8, 14):  # told when no frame that began sooner can come, 1.3 us later at most at 10 Gb/s
                session = self.console(['break frame %d' % number, 'continue', 'quit'], '--width', width)
                self.assertIn('frame %d: ' % number, session.answer('continue'))
                shown = float(re.search(r'^ *([0-9.]+) us  frame', session.answer('continue'), re.M)[1])
                self.assertAlmostEqual(shown, sent[number - 1], 5)
                self.assertLess(session.after(1) - shown, 1.4)
            session = self.console(['step frame 5', 'step frame 3', 'quit'], '--width', width)
            self.assertIn('frame 8: ', session.answer('step frame 3'))

    def test_a_rule_and_its_value(self):
        fault = ['--fault', 'iommu_write@h1:k=20', '--keep-going']
        plain = self.run_program('demo', '--file', self.make_file(20_000), *fault)
        broken = plain.result['violations'][0]
        session = self.console(['break rule ' + broken['rule'], 'continue', 'rules', 'quit'], *fault, good=False)
        self.assertIn('rule broken: ' + broken['rule'], session.answer('continue'))
        self.assertAlmostEqual(session.after(1), broken['time_ps'] / 1e6, 5)
        self.assertIn(broken['rule'], session.answer('rules'))
        other = self.console(['break rule E1', 'continue', 'quit'], *fault, good=False)
        self.assertIn('the run has ended', other.answer('continue'))
        ends = self.console(['continue', 'rules', 'events 30', 'quit'], *fault[:2], good=False)  # now the run fails
        self.assertIn('rule broken: ' + broken['rule'], ends.answer('events 30'))
        self.assertIn('the run has ended: rule broken: ' + broken['rule'], ends.answer('continue'))
        self.assertAlmostEqual(ends.after(0), broken['time_ps'] / 1e6, 5)
        self.assertEqual(ends.run.code, 1)

    def test_what_it_shows_is_what_the_files_say(self):
        """A doorbell's value, the ring it fills, the packet in it, and its whole way afterwards."""
        for width in (64, 512):
            session = self.console(
                ['break step T8 9', 'continue', 'registers TX_PROD_IDX', 'registers TX_BASE', 'registers CONTROL', 'rings',
                 'ring tx 0', 'packet 9', 'packet', 'delete 1', 'continue', 'counters nic.', 'packet 9', 'packet 99999', 'quit'],
                '--width', width, '--journeys')
            told = int(re.search(r'0x0000([0-9a-f]{4})', session.answer('registers TX_PROD_IDX'))[1], 16)
            ring = session.answer('ring tx 0')
            owned = [int(index) for index in re.findall(r'^\* +([0-9]+) ', ring, re.M)]
            self.assertEqual(owned[-1] + 1, told, ring)
            self.assertIn('tx_enable 1, rx_enable 1', session.answer('registers CONTROL'))
            base = re.search(r'h0 tx0 +0x([0-9a-f]+) ', session.answer('rings'))[1]
            self.assertIn('0x%016x' % int(base, 16), session.answer('registers TX_BASE'))
            row = next(line for line in ring.splitlines() if '[   %d]' % owned[0] in line)
            self.assertIn('extension tso mss 1448', row)
            look = 'descriptor tx 0 %d' % owned[0]
            again = self.console(['break step T8 9', 'continue', look, 'descriptor tx 0 %d' % told, 'ring tx 0 %d' % told, 'quit'],
                                 '--width', width)
            fields = again.answer(look)
            self.assertNotIn('not handed over', ring + fields)
            for what in ('descriptor', 'ring'):
                self.assertIn('not handed over yet: ', again.answer('%s tx 0 %d' % (what, told)))
            self.assertIn('tx_extension\n', fields)
            self.assertRegex(fields, r'mss +1448 bytes\n')
            self.assertRegex(fields, r'flags +0x[0-9a-f]+: tso extension\n')
            way = subprocess.run([PROGRAM, 'journey', '9', '--out', session.run.out], capture_output=True, text=True,
                                 check=True).stdout
            packets = [answer for _, said, answer in session.steps if said == 'packet 9']
            self.assertEqual(packets[1], way)
            self.assertIn('NIC asks for the descriptor', packets[0])
            self.assertRegex(session.answer('packet'), r'(?m)^ +9  h0 to h1  NIC asks for the descriptor +TCP ')
            self.assertNotIn('descriptor is in the NIC', packets[0])
            self.assertRegex(session.answer('packet 99999'), r'not known; so far there are 1 to [1-9]')
            counters = {name: int(value.replace(',', '')) for name, value in
                        re.findall(r'^h0\.nic\.(\S+) +([0-9,]+)$', session.answer('counters nic.'), re.M)}
            said = {name[len('h0.nic.'):]: value for name, value in session.run.result['counters'].items()
                    if name.startswith('h0.nic.') and value != 0}
            self.assertEqual(counters, said)

    def test_registers_answer_at_any_time(self):
        """In the midst of TLPs of many beats to the NIC too."""
        for width in (64, 512):
            session = self.console(['break step fetched 9', 'continue'] + ['step 36ns', 'registers ID'] * 40 + ['quit'],
                                   '--width', width)
            answers = [answer for _, said, answer in session.steps if said == 'registers ID']
            self.assertEqual(len(answers), 40)
            for answer in answers:
                self.assertIn('0x474e4952', answer)

    def test_a_doorbell_to_come_is_not_shown(self):
        """The CPU runs ahead of simulated time: when the packet is posted the doorbell's value is known, and not yet true."""
        session = self.console(['break step T7 9', 'continue', 'ring tx 0', 'break register TX_PROD_IDX h0', 'continue',
                                'rings', 'quit'])
        self.assertIn('   0 with the NIC', session.answer('ring tx 0'))
        self.assertNotIn('\n*', session.answer('ring tx 0'))
        self.assertRegex(session.answer('rings'), r'h0 tx0 .* [1-9][0-9]* with the NIC')

    def test_complaints(self):
        session = self.console(['regsters', 'co', 'break regster X', 'break register NONSENSE', 'step 10uss', 'step frame 0',
                                'step -5us', 'ring tx 9', 'packet 99999', 'delete 7', 'host 3', 'registers', 'descriptor tx 0 0', 'quit'])
        for command, words in (('regsters', 'did you mean registers?'), ('co', 'continue or counters?'),
                               ('break regster X', 'did you mean register?'), ('break register NONSENSE', 'no such register'),
                               ('step 10uss', 'not a time'), ('step frame 0', 'of nothing'), ('step -5us', 'one way'),
                               ('ring tx 9', 'queues'), ('packet 99999', 'there is none yet'), ('delete 7', 'no such breakpoint'), ('host 3', 'h0 and h1'),
                               ('registers', 'no addresses yet'), ('descriptor tx 0 0', 'not set up')):
            self.assertIn(words, session.answer(command))
            self.assertEqual(len(session.answer(command).splitlines()), 1)

    def test_file_of_commands(self):
        commands = self.path('commands.txt')
        with open(commands, 'w', encoding='utf-8') as file:
            file.write('# twice a microsecond\nstep 1us\nstep 1us\nregsters\nstep 1us\n')
        session = self.console([], '-x', commands, good=False)
        self.assert_complains(session.run, 2, 'commands.txt:4', 'did you mean registers?')
        self.assertEqual(session.steps[-1][0], 2.0)
        self.assertEqual(session.run.result['outcome'], 'interrupted')
        with open(commands, 'w', encoding='utf-8') as file:
            file.write('step 1us\n')
        session = self.console(['step 2us'], '--commands', commands)  # then the standard input, to its end
        self.assertEqual(session.steps[-1][0], 3.0)
        run = self.run_program('console', '-x', self.path('none'), out=self.path('not_made'))
        self.assert_complains(run, 2, 'cannot read')
        self.assertFalse(os.path.exists(self.path('not_made')))

    def test_an_empty_line_repeats_the_last_step(self):
        session = self.console(['step 3us', '', 'where', '', 'quit'])
        self.assertEqual([at for at, *_ in session.steps], [0, 3, 6, 6, 9])

    def test_a_scenario_file(self):
        printed = self.run_good('demo', '--file', self.make_file(20_000), '--width', '64', '--print').stdout
        with open(self.path('run.toml'), 'w', encoding='utf-8') as file:
            file.write(printed.replace('name = "demo"', 'name = "mine"'))
        run = self.run_program('console', self.path('run.toml'), input='finish\n')
        self.assertEqual(run.code, 0, run.stderr)
        self.assertIn('mine, 64 bits', run.stdout)
        plain = self.run_good('run', self.path('run.toml'))
        self.assertEqual(run.result['digest'], plain.result['digest'])

    def test_waves(self):
        session = self.console(['step 150us', 'wave dump 3us', 'wave dump 3us h1', 'wave on', 'step 2us', 'wave off',
                                'finish'], '--vcd')
        plain = self.run_good('demo', '--file', self.make_file(20_000))
        self.assertEqual(session.run.result['digest'], plain.result['digest'])
        for number, (begin, end) in enumerate(((150, 153), (150, 153), (150, 152)), 1):
            with open(os.path.join(session.run.out, 'console_%d.vcd' % number), encoding='ascii') as file:
                times = [int(line[1:]) for line in file if line[0] == '#']
            self.assertGreaterEqual(times[0], begin * 1e6)
            self.assertLess(times[0], begin * 1e6 + 1e6)
            self.assertLessEqual(abs(times[-1] - end * 1e6), 1e6)
        self.assertFalse(os.path.exists(os.path.join(session.run.out, 'waves.vcd')))

    def test_control_c(self):
        """In `continue` it leads back to the prompt, at which the run goes on."""
        process = subprocess.Popen([PROGRAM, 'console', '--file', self.make_file(3_000_000), '--out', self.new_out()],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for clean_up in (process.stdin.close, process.stdout.close, process.kill):
            self.addCleanup(clean_up)
        talk = Talk(self, process.stdin.fileno(), process.stdout.fileno())
        for _ in range(2):
            talk.say(b'continue\n', '> continue\n')
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            talk.until('interrupted\n')
        talk.say(b'where\nquit\n', 'ended at')
        self.assertEqual(process.wait(timeout=60), 0)
        times = [float(match[1]) for match in map(PROMPT.match, talk.shown.splitlines()) if match]
        self.assertLess(0, times[1])
        self.assertLess(times[1], times[2])

    def test_terminal(self):
        """By hand: Tab, history, a mended line, Ctrl-C at the prompt and in `continue`, Ctrl-D."""
        try:
            parent, child = pty.openpty()
        except OSError as error:  # a container without /dev/pts
            self.skipTest(str(error))
        process = subprocess.Popen([PROGRAM, 'console', '--file', self.make_file(3_000_000), '--out', self.new_out()],
                                   stdin=child, stdout=child, stderr=child, env=dict(os.environ, TERM='xterm'),
                                   start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(child)
        self.addCleanup(process.kill)
        talk = Talk(self, parent, parent)
        talk.until('0.000 us> ')
        for keys, words in ((b'sti\x7fep 2us\n', '\n2.000 us> '), (b'\n', '\n4.000 us> '),
                            (b'\x1b[A\x1b[A\x1b[B\n', '\n6.000 us> '), (b'inf\tbr\t\n', 'no breakpoints'),
                            (b'nonsense', 'nonsense'), (b'\x03', '\n6.000 us> '), (b'contin\t\n', 'continue \x1b[K'),
                            (b'', '\n')):
            talk.say(keys, words)
        time.sleep(0.2)
        talk.say(b'\x03', 'interrupted\r\n')
        talk.until('us> ')
        os.write(parent, b'\x04')
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertNotIn('no command', talk.shown)


if __name__ == '__main__':
    main()
