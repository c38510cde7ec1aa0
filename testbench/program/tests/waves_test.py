"""Waves of whole runs: by window and scope, as VCD and FST; a run that is recorded is the same run."""

import os
import shutil
import subprocess

from support import ProgramTest, main


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


class Windows(ProgramTest):
    def record(self, *arguments):
        return self.run_good('demo', '--file', self.make_file(20_000), *arguments)

    def test_a_recorded_run_is_the_same_run(self):
        for width in (64, 512):
            plain = self.record('--width', width)
            run = self.record('--width', width, '--vcd')
            self.assertEqual(run.result['digest'], plain.result['digest'])
            vcd = Vcd(os.path.join(run.out, 'waves.vcd'))
            self.assertGreater(len(vcd.times), 1000)
            self.assertEqual((vcd.times[0], vcd.times[-1]), (170_000_000, 190_000_000))
            self.assertEqual(vcd.times, sorted(set(vcd.times)))

    def test_window_scope_and_host(self):
        run = self.record('--vcd', '--wave-window', '30us..40.5us', '--wave-scope', 'irq_engine,u_csr.u_global',
                          '--wave-host', 'h1')
        vcd = Vcd(os.path.join(run.out, 'waves.vcd'))
        self.assertEqual((vcd.times[0], vcd.times[-1]), (30_000_000, 40_500_000))
        places = {name.rsplit('.', 1)[0] for name in vcd.names}
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
        alone = self.record('--wave-window', '170us..190us')  # FST is what one gets who does not say
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


if __name__ == '__main__':
    main()
