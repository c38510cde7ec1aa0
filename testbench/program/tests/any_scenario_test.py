"""Any slot, any settings, any legal fault: all arrives, and no checker has anything to say.

The alarms of alarm_test.py are long and mixed; these are short and many. Each number is a scenario of its own, printed
when it fails: it repeats it. Quick: some; nightly: ten times a hundred.
"""

import random
import re

from support import ProgramTest, main

SLOT = {'generation': (0, 0, 1, 2, 3, 4), 'lanes': (0, 0, 1, 2, 4, 8, 16), 'mps_bytes': (0, 128, 256, 512, 1024),
        'mrrs_bytes': (0, 128, 512, 4096), 'profile': ('"desktop"', '"server"', '"slow_and_far"'),
        'nasty': ('true', 'false'), 'iommu': ('true', 'false')}
NIC = {'auto_mask': ('true', 'true', 'false'), 'msi': ('false', 'false', 'true'), 'queues': (1, 2, 4),
       'segmentation': ('true', 'false'), 'tx_checksum': ('true', 'false'), 'rx_checksum': ('true', 'false'),
       'rx_frames': (0, 1, 16, 64), 'rx_us': (0, 1, 10, 100, 500), 'tx_frames': (0, 1, 32), 'tx_us': (0, 10, 50, 200),
       'max_us': (50, 100, 1000), 'gap_us': (0, 0, 10, 50, 200), 'dma_timeout_us': (10000, 1000, 100)}
EVENTS = ('ur', 'ca', 'poison', 'completion_lost', 'completion_late', 'iommu_read', 'write_delayed', 'write_torn',
          'frame_loss', 'frame_duplicate', 'frame_reorder', 'frame_corrupt', 'fcs_error', 'runt', 'preamble')
LASTING = ('completion_late', 'write_delayed', 'write_torn')  # not for two time-outs of the NIC: that is illegal
TIMED = ('pause_storm', 'link_down', 'starve')


def any_fault(dice):
    kind = dice.choice(EVENTS + TIMED)
    fault = '%s@h%d' % (kind, dice.randrange(2))
    if kind in EVENTS:
        return fault + ':p=0.02:n=3' + (':for=%dus' % dice.choice((5, 50, 150)) if kind in LASTING else '')
    if kind == 'starve':
        fault += ':credit=%s:dir=%s' % (dice.choice(('ph', 'pd', 'nph')), dice.choice(('to_host', 'to_nic')))
    return fault + ':t=%dus:for=%dus' % (dice.randint(1, 150), dice.choice((20, 200, 1000)))


class AnyScenario(ProgramTest):
    def check(self, numbers):
        self.file = self.make_file(60_000)
        printed = self.run_good('demo', '--file', self.file, '--print').stdout
        # A lost SYN makes the time-out 3 s; data lost twice then waits 9 s (RFC 6298, 5.7 and 5.5).
        self.assertIn('no_progress_ms = 5000 ', printed)
        printed = printed.replace('no_progress_ms = 5000 ', 'no_progress_ms = 30000 ')
        for number in numbers:
            with self.subTest(number=number):
                self.check_one(number, printed)

    def check_one(self, number, printed):
        dice = random.Random(number)
        h0, h1 = printed.split('name = "h1"')
        mtu = dice.choice((1500, 1500, 9000, 1280))
        hosts = []
        for text in (h0, h1):
            for key, values in {**SLOT, **NIC, 'mtu_bytes': (mtu,)}.items():
                self.assertRegex(text, '(?m)^%s = ' % key)
                text = re.sub('(?m)^%s = .*' % key, '%s = %s' % (key, dice.choice(values)), text, count=1)
            hosts.append(text)
        options = ['--seed', number, '--width', dice.choice((64, 512))]
        for _ in range(dice.randrange(3)):
            options += ['--fault', any_fault(dice)]
        run = self.run_program('run', '-', '--no-capture', *options, input='name = "h1"'.join(hosts))
        self.assertEqual(run.code, 0, '%s\n%s\n%s' % (options, run.stdout, run.stderr))
        self.assert_whole(run, self.file)


setattr(AnyScenario, 'test_quick', lambda self: self.check(range(1, 25)))
for hundred_ in range(1, 11):
    setattr(AnyScenario, 'test_hundred_%d' % hundred_,
            lambda self, hundred=hundred_: self.check(range(100 * hundred, 100 * hundred + 100)))


if __name__ == '__main__':
    main()
