"""Every kind of fault through the whole machine: it happened, what is legal ends well, what is not gets a verdict."""

import re
import subprocess

from support import PROGRAM, ProgramTest, main

# Faults with which both checksums agree in the end, and nobody broke a rule.
LEGAL = {
    'reads': ['ur:k=1', 'iommu_read@h1:k=2', 'ur:k=40', 'ca:k=40', 'poison:k=40', 'iommu_read:k=40', 'completion_late:k=40:for=30us',
              'ur@h1:k=70', 'poison@h1:k=70'],
    'lost_reads': ['completion_lost:k=40', 'completion_lost@h1:k=70', 'completion_late:k=40:for=300us'],
    'writes': ['write_delayed@h1:k=100', 'write_torn@h1:k=20:n=20', 'write_delayed@h1:p=0.01:for=50us'],
    'frames': ['frame_loss:k=20', 'frame_duplicate:k=20', 'frame_reorder:k=20', 'frame_corrupt:k=20', 'fcs_error:k=20',
               'runt:k=20', 'preamble:k=20', 'frame_loss@h1:p=0.05:n=3', 'fcs_error:p=0.05', 'runt:p=0.05',
               'preamble:p=0.05'],
    'times': ['link_down:t=200us:for=20us', 'link_down@h1:t=200us', 'link_down:for=300us', 'link_down@h1:for=300us', 'pause_storm@h1'],
    'credits': ['starve:dir=%s:credit=%s:for=100us' % (way, credit) for way in ('to_host', 'to_nic')
                for credit in ('ph', 'pd', 'nph', 'npd', 'cplh', 'cpld')] + ['starve@h1:credit=ph:for=2ms'],
}

# What of them the other NIC must count.
COUNTED = {'fcs_error': 'rx_fcs_errors', 'runt': 'rx_runts', 'preamble': 'rx_symbol_errors',
           'frame_corrupt': 'rx_fcs_errors'}

# Faults that no host may make, and the rule that each breaks first.
ILLEGAL = {
    'reads': {'completion_duplicate:k=40': 'P16', 'completion_short:k=40': 'P20', 'completion_late:k=40:for=51ms': 'P16'},
    'writes': {'iommu_write@h1:k=60': 'D4', 'write_torn_line@h1:k=60': 'D12', 'write_overtaken@h1:k=60': 'P24', 'write_overtaken': 'P24'},
    'interrupts': {'interrupt_lost@h1:k=5': 'I1', 'interrupt_lost:k=1': 'I1', 'interrupt_lost@h1:k=2': 'I1',
                   'interrupt_double@h1:k=5': 'I4', 'interrupt_early@h1:k=5': 'P38', 'interrupt_early@h1': 'P38'},
}


class FaultKinds(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file = self.make_file(200_000)
        printed = self.run_good('demo', '--file', self.file, '--print').stdout
        for old, new in (('dma_timeout_us = 10000', 'dma_timeout_us = 100'), ('pause = false', 'pause = true')):
            self.assertIn(old, printed)
            printed = printed.replace(old, new)
        self.scenario = self.path('scenario.toml')
        self.msi = self.path('msi.toml')
        for path, text in ((self.scenario, printed), (self.msi, printed.replace('msi = false', 'msi = true'))):
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)

    def run_fault(self, fault, *more):
        return self.run_program('run', self.scenario, '--no-capture', '--fault', fault, *more)

    def assert_happened(self, run, fault):
        count = sum(run.result['faults'].values())
        self.assertGreater(count, 0, fault)
        self.assertIn('faults injected', run.stdout)

    def check_legal(self, name):
        for fault in LEGAL[name]:
            with self.subTest(fault=fault):
                run = self.run_fault(fault)
                self.assertEqual(run.code, 0, run.stdout + run.stderr)
                self.assert_happened(run, fault)
                self.assert_whole(run, self.file)
                counter = COUNTED.get(fault.split(':')[0])
                if counter:
                    self.assertEqual(run.result['drops']['h1.nic.' + counter], sum(run.result['faults'].values()))

    def check_illegal(self, name):
        for fault, rule in ILLEGAL[name].items():
            with self.subTest(fault=fault):
                run = self.run_fault(fault)
                self.assertEqual(run.code, 1, run.stdout + run.stderr)
                self.assert_happened(run, fault)
                first = run.result['violations'][0]
                self.assertEqual((first['rule'], first['side']), (rule, 'host model'), run.stdout)
                self.assert_nobody_else(run)
                self.assert_nobody_else(self.run_fault(fault, '--keep-going'))
                self.assert_nobody_else(self.run_program('run', self.msi, '--no-capture', '--fault', fault, '--keep-going'))

    def assert_nobody_else(self, run):
        """Whoever has to live with what the host model did is not accused of what follows from it."""
        for violation in run.result['violations']:
            self.assertEqual(violation['side'], 'host model', run.stdout)


class AfterTheTransfer(ProgramTest):
    """The run goes on for a while when its applications have ended: rules hold there too."""

    def test_a_rule_broken_there_is_named(self):
        run = self.run_program('demo', '--file', self.make_file(20_000), '--no-capture', '--fault', 'interrupt_double@h1:k=7')
        self.assert_complains(run, 1, 'rule broken: I4 (host model)')

    def test_a_message_lost_there_is_missed(self):
        printed = self.run_good('demo', '--file', self.make_file(20_000), '--print').stdout
        printed = re.sub('linger_us = .*', 'linger_us = 30000', printed)
        run = self.run_program('run', '-', '--no-capture', '--fault', 'interrupt_lost@h1:k=7', input=printed)
        self.assert_complains(run, 1, 'rule broken: I1 (host model)', 'within 1000 us')
        self.assertLess(run.result['sim_time_ns'], 4_000_000)

    def test_long_moderation_is_nobodys_fault(self):
        """Frames lie for 21 ms until their timer tells the driver: neither it nor the NIC starves anybody."""
        h0, h1 = self.run_good('demo', '--file', self.make_file(100), '--print').stdout.split('name = "h1"')
        for key, value in (('rx_frames', 1023), ('rx_us', 21000), ('max_us', 0)):
            h1 = re.sub('%s = .*' % key, '%s = %d' % (key, value), h1, count=1)
        run = self.run_good('run', '-', '--no-capture', input=h0 + 'name = "h1"' + h1)
        self.assertGreater(run.result['sim_time_ns'], 21_000_000)


class HeldUp(ProgramTest):
    """Whoever waits for a host or a link that takes its time is not accused of it: no rule is broken, all arrives."""

    FAULTS = ('pause_storm@h0:t=20us', 'pause_storm@h1:t=58us',  # before the driver has turned receiving on
              'link_down@h0:t=22us', 'link_down@h1:t=24us',  # before a queue is set up
              'starve@h0:credit=nph:t=140us:for=3ms', 'completion_late@h0:t=140us:k=10:for=5ms',  # amid a large packet
              'write_delayed@h0:t=140us:for=21ms', 'starve@h1:credit=pd:t=140us:for=30ms',
              'starve@h0:credit=nph:dir=to_nic:t=140us:for=30ms')  # and then the counters are to be read

    # Keys of host h1, all its data through a thin link.
    SLOTS = ({'generation': 1, 'lanes': 1}, {'generation': 2, 'lanes': 1, 'mtu_bytes': 9000},
             {'generation': 1, 'lanes': 2, 'auto_mask': 'false'},
             {'profile': '"slow_and_far"', 'lanes': 4, 'auto_mask': 'false'})

    def check_whole(self, run, file, words):
        self.assertEqual(run.code, 0, words + run.stdout + run.stderr)
        self.assert_whole(run, file)

    def test_by_faults(self):
        file = self.make_file(60_000)
        for fault in self.FAULTS:
            for width in (64, 512):
                run = self.run_program('demo', '--file', file, '--no-capture', '--width', width, '--fault', fault)
                self.check_whole(run, file, fault)

    def test_by_thin_links(self):
        file = self.make_file(120_000)
        for slot in self.SLOTS:
            printed = self.run_good('demo', '--file', file, '--print').stdout
            h0, h1 = printed.split('name = "h1"')
            for key, value in slot.items():
                if key == 'mtu_bytes':
                    h0 = re.sub('(?m)^%s = .*' % key, '%s = %s' % (key, value), h0)
                self.assertRegex(h1, '(?m)^%s = ' % key)
                h1 = re.sub('(?m)^%s = .*' % key, '%s = %s' % (key, value), h1, count=1)
            for width in (64, 512):
                run = self.run_program('run', '-', '--no-capture', '--width', width, input=h0 + 'name = "h1"' + h1)
                self.check_whole(run, file, str(slot))

    def test_a_driver_that_gives_up_is_not_at_fault(self):
        """Its register reads, and the NIC's of memory, have no answer for longer than anybody waits."""
        run = self.run_program('demo', '--file', self.make_file(60_000), '--no-capture', '--fault',
                               'starve@h0:credit=ph:dir=to_nic:t=170us:for=21ms')  # 150 to 200us: reads are made
        self.assert_complains(run, 1, 'no progress', 'h0 has a driver that gave its NIC up')
        self.assertEqual(run.result['violation_count'], 0, run.stdout)


class SurpriseReset(ProgramTest):
    def test_the_driver_gives_the_nic_up(self):
        """Nothing can bring this function back but its driver, which finds out by its watchdog; the run ends and says why."""
        printed = self.run_good('demo', '--file', self.make_file(300_000), '--print').stdout
        printed = printed.replace('no_progress_ms = 5000', 'no_progress_ms = 400')
        run = self.run_program('run', '-', '--no-capture', '--fault', 'surprise_reset@h1:t=200us', input=printed)
        self.assertEqual(run.code, 1, run.stdout + run.stderr)
        self.assertEqual(run.result['faults'], {'h1.surprise_reset': 1})
        self.assertEqual(run.result['violation_count'], 0, run.stdout)
        self.assertIn('no progress', run.stderr)
        self.assertIn('h1 has a driver that gave its NIC up', run.stderr)
        self.assertEqual(run.result['counters']['h1.driver.failures'], 1)


for group in LEGAL:
    setattr(FaultKinds, 'test_legal_' + group, lambda self, group=group: self.check_legal(group))
for group in ILLEGAL:
    setattr(FaultKinds, 'test_illegal_' + group, lambda self, group=group: self.check_illegal(group))


class FaultOption(ProgramTest):
    def test_help_names_every_kind(self):
        process = subprocess.run([PROGRAM, 'demo', '--fault', 'help'], capture_output=True, text=True, check=True)
        kinds = {fault.split(':')[0].split('@')[0] for faults in (*LEGAL.values(), *ILLEGAL.values())
                 for fault in faults}
        listed = {line.split()[0]: line for line in process.stdout.split('\n\n')[1].splitlines()}
        self.assertEqual(kinds | {'surprise_reset'}, set(listed))  # none without a test
        for fault, rule in {f: r for group in ILLEGAL.values() for f, r in group.items()}.items():
            if 'late' not in fault:
                self.assertIn('breaks ' + rule, listed[fault.split(':')[0].split('@')[0]])

    def test_what_is_wrong_is_named(self):
        for fault, word in (('bogus', 'bogus'), ('ur:z=1', '"z"'), ('ur:k=0', 'k=0'), ('ur:p=2', 'p=2'),
                            ('ur:t=5', 't=5'), ('starve:credit=ph:for=0us', 'for=0us'), ('link_down:t=0.4ns', 't=0.4ns'), ('ur@h9', 'h9'), ('ur@', '@'), ('ur:for=1us', 'for'),
                            ('link_down:k=2', 'time'), ('ur:p=0', 'p=0'), ('ur:k=1:k=2', 'twice'), ('ur:k=1:p=0.5', 'either'), ('starve', 'credit'), ('starve:credit=ph:dir=up', 'dir'),
                            ('ur:credit=ph', 'credit')):
            with self.subTest(fault=fault):
                self.assert_complains(self.run_program('demo', '--fault', fault), 2, fault.split('@')[0].split(':')[0],
                                      word)

    def test_one_that_never_happened_fails_the_run(self):
        path = self.make_file(20_000)
        for fault in ('ur@h1:k=100000000', 'link_down:t=900s', 'frame_loss@h1:t=900s'):
            with self.subTest(fault=fault):
                kind = fault.split('@')[0].split(':')[0]
                self.assert_complains(self.run_program('demo', '--file', path, '--fault', fault), 1, kind, 'did not happen')
        two = ('--fault', 'frame_loss@h1:k=2', '--fault', 'frame_loss@h1:k=100000000')  # one of them came
        self.assert_complains(self.run_program('demo', '--file', path, *two), 1, 'frame_loss', 'did not happen')
        by_chance = ('--fault', 'ur@h0:p=0.000000001', '--fault', 'ur@h1:k=3')  # only told of h0, asked of h1
        run = self.run_good('demo', '--file', path, *by_chance)
        self.assertEqual(run.result['faults'], {'h0.ur': 0, 'h1.ur': 1})
        self.assertRegex(run.stdout, 'faults injected +h0.ur 0, h1.ur 1')

    def test_one_without_effect_says_so(self):
        run = self.run_good('demo', '--file', self.make_file(60_000), '--no-capture', '--fault', 'write_overtaken@h0:k=5')
        self.assertIn('without effect    h0.write_overtaken: ', run.stdout)

    def test_keep_going_fails_at_the_end(self):
        path = self.make_file(60_000)
        fault = ['--file', path, '--fault', 'completion_short@h1:t=200us']
        at_once, later = self.run_program('demo', *fault), self.run_program('demo', *fault, '--keep-going')
        for run in (at_once, later):
            self.assert_complains(run, 1, 'rule broken: P20')
            self.assertIn('\nP20 asks: Read data split only at Read Completion Boundaries', run.stdout)
        self.assertEqual(later.result['violations'][0], at_once.result['violations'][0])
        self.assertLess(at_once.result['sim_time_ns'], later.result['sim_time_ns'])
        self.assertIn('--keep-going', later.result['command'])

    def test_in_a_scenario_file(self):
        path = self.make_file(100_000)
        printed = self.run_good('demo', '--file', path, '--fault', 'frame_loss@h0:k=9:n=2', '--fault',
                                'starve:credit=npd:dir=to_nic:t=120us', '--print').stdout
        self.assertIn('[[fault]]', printed)
        run = self.run_good('run', '-', input=printed)
        self.assert_whole(run, path)
        self.assertEqual(run.result['faults'], {'h0.starve': 1, 'wire.h0.frame_loss': 2})
        broken = printed.replace('kind = "frame_loss"', 'kind = "frame_lost"')
        self.assert_complains(self.run_program('run', '-', input=broken), 2, 'standard input:', 'frame_lost')

    def test_seeded(self):
        """The same run again, and another one with another seed; sleeping NICs change nothing."""
        path = self.make_file(100_000)
        faults = ['fcs_error:p=0.05:n=2', 'pause_storm:for=50us', 'write_torn@h1:p=0.1', 'frame_reorder@h1:p=0.1',
                  'starve@h1:credit=nph:for=30us']
        arguments = ['demo', '--file', path] + [word for fault in faults for word in ('--fault', fault)]
        one, same, awake, other = (self.run_good(*arguments, *more).result
                                   for more in ((), (), ('--no-sleep',), ('--seed', 2)))
        self.assertTrue(all(one['faults'].values()), one['faults'])
        self.assertEqual(one['digest'], same['digest'])
        self.assertEqual(one['digest'], awake['digest'])
        self.assertNotEqual(one['digest'], other['digest'])


if __name__ == '__main__':
    main()
