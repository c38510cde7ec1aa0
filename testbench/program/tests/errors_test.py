"""What goes wrong outside: one clear line, a non-zero exit, files written so far closed and readable."""

import os
import re
import resource
import signal
import subprocess
import time

from support import PROGRAM, ProgramTest, Run, main, tshark

SCRIPT = os.environ.get('RINGSIDE_SCRIPT', 'ringside')


def limit_file_size(size):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    return limit


class Errors(ProgramTest):
    def test_files(self):
        missing = self.path('none')
        self.assert_complains(self.run_program('demo', '--file', missing), 1, 'none: No such file or directory')
        self.assert_complains(self.run_program('demo', '--file', self.folder), 1, 'is a directory')
        self.assert_complains(self.run_program('demo', '--file', '/dev/zero'), 1, '/dev/zero', 'not a regular file')
        secret = self.make_file(10)
        os.chmod(secret, 0)
        if os.geteuid() != 0:
            self.assert_complains(self.run_program('demo', '--file', secret), 1, 'Permission denied')

    def test_options(self):
        for arguments, word in ((['demo', '--bogus'], '--bogus'), (['demo', '--seed', 'x'], '--seed'),
                                (['demo', '--seed', '-1'], '--seed'), (['demo', '--width', '100'], '--width'),
                                (['demo', '--loss', '2'], '--loss'), (['frob'], 'frob'), (['run'], 'scenario'),
                                (['rules', 'I1', 'D99'], 'D99'), (['demo', '--file', ''], '--file'),
                                (['run', ''], 'scenario'), (['demo', '--wave-last', ''], '--wave-last'),
                                (['console', '--out', ''], '--out'), (['demo', '--bug', ''], '--bug'),
                                (['demo', '--wave-window', '5us..4us'], '--wave-window'),
                                (['demo', '--wave-window', '5us'], '5us'),
                                (['demo', '--wave-window', '-1..4us'], '-1'),
                                (['demo', '--wave-host', 'h7'], 'h7'),
                                (['demo', '--wave-scope', 'u_nowhere'], 'u_nowhere'),
                                (['demo', '--duration-ms', '1e400'], '--duration-ms'),
                                (['demo', '--seed', '18446744073709551615'], '--seed'), (['demo', '--wave-before', '5us'], '--wave-before'),
                                (['journey', '-1'], '-1'), (['demo', '--loss', 'nan'], '--loss'), (['demo', '--corrupt', '-nan'], '--corrupt'),
                                (['demo', '--wave-on', 'rule=D99'], 'D99'), (['demo', '--wave-on', 'rule=Q4'], 'Q4')):
            with self.subTest(arguments=arguments):
                process = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, cwd=self.folder,
                                         check=False)
                self.assertEqual(process.returncode, 2, process.stderr)
                self.assertEqual(len(process.stderr.splitlines()), 1, process.stderr)
                self.assertIn(word, process.stderr)

    def test_scenarios(self):
        printed = self.run_good('demo', '--print').stdout
        for old, new, words in (('seed = 1', 'sede = 1', 'unknown key "sede"'),
                                ('width = 512', 'width = true', 'must be an integer'),
                                ('loss = 0.0', 'loss = 7', 'must be 0 to 1'), ('[link]', '[link', '')):
            with self.subTest(new=new):
                self.assertIn(old, printed)
                lines = printed.splitlines()
                place = next(i for i, line in enumerate(lines) if line.startswith(old)) + 1
                scenario = self.path('my.toml')
                with open(scenario, 'w', encoding='utf-8') as file:
                    file.write(printed.replace(old, new, 1))
                self.assert_complains(self.run_program('run', scenario), 2, 'my.toml:%d:' % place, words)
        for text in ('[[[', '[.', 'x = 1\ny = """a\nb"""\n[.\n'):
            run = self.run_program('run', '-', input=text + '\n')
            self.assert_complains(run, 2, 'standard input:%d: not TOML' % (text.count('\n', 0, text.find('[')) + 1))
        for old, new, words in (('name = "demo"', 'name = "../x"', 'name = "../x": must'), ('name = "demo"', 'name = ".."', 'must'),
                                ('name = "h0"', 'name = "h.0"', 'name = "h.0": must'), ('name = "h1"', 'name = "h 1"', 'h 1')):
            self.assertIn(old, printed)
            self.assert_complains(self.run_program('run', '-', input=printed.replace(old, new, 1)), 2, words)
        self.assert_complains(self.run_program('run', self.path('none.toml')), 2, 'none.toml: No such file')
        self.assert_complains(self.run_program('run', self.folder), 2, 'is a directory')

    def test_output_directory(self):
        path = self.make_file(10)
        self.assert_complains(self.run_program('demo', '--file', path, out='/proc/x'), 1, '/proc/x')
        self.assert_complains(self.run_program('demo', '--file', path, out=path), 1, path)
        nowhere = '/nowhere/r.json'
        self.assert_complains(self.run_program('demo', '--file', path, '--json', nowhere), 1, nowhere)

    def test_full_disk(self):
        path = self.make_file(3_000_000)
        # The capture meets the end of the disk in mid-run; a limit on file sizes does the same without being root.
        run = self.run_program('demo', '--file', path, preexec_fn=limit_file_size(1_000_000))
        self.assert_complains(run, 1, 'capture.pcapng: File too large')
        self.assertEqual(run.result['outcome'], 'failed')
        self.assertGreater(os.path.getsize(run.capture), 700_000)
        frames = tshark(run.capture, 'frame')
        if frames is not None:
            self.assertGreater(len(frames), 400)
        # No room at all for the results, and for the capture.
        run = self.run_program('demo', '--file', path, '--json', '/dev/full', '--no-capture')
        self.assert_complains(run, 1, '/dev/full', 'No space left')
        out = self.new_out()
        os.mkdir(out)
        os.symlink('/dev/full', os.path.join(out, 'capture.pcapng'))
        run = self.run_program('demo', '--file', path, out=out)
        self.assert_complains(run, 1, 'capture.pcapng: No space left on device')

    def test_full_disk_for_waves(self):
        path = self.make_file(100_000)
        run = self.run_program('demo', '--file', path, '--vcd', '--wave-window', '0..200ms',
                               preexec_fn=limit_file_size(1_000_000))
        self.assert_complains(run, 1, 'waves.vcd: File too large')
        self.assertEqual(run.result['outcome'], 'failed')

    def test_runs_that_cannot_end(self):
        path = self.make_file(1_000)
        run = self.run_program('demo', '--file', path, '--loss', 1, '--duration-ms', 50)
        self.assert_complains(run, 1, 'not done after 50 ms', 'h0 send_file', 'connect', 'dropped most: wire.h0.lost ')
        self.assertEqual(run.result['outcome'], 'failed')
        self.assertEqual(run.result['bytes'], 0)

    def test_a_limit_ends_the_run_at_its_time(self):
        """Not at the end of a slice, whose length follows the wall clock: so the digest is the same each time."""
        path = self.make_file(6_000_000)
        runs = [self.run_program('demo', '--file', path, '--duration-ms', 2, '--no-capture') for _ in range(2)]
        for run in runs:
            self.assert_complains(run, 1, 'not done after 2 ms')
            end_us = run.result['sim_time_ns'] // 1000  # reading the counters took some steps of 100 us more
            self.assertTrue(2000 <= end_us < 4000 and end_us % 100 == 0, end_us)
            self.assertIn('written', run.stdout)
        self.assertEqual(runs[0].result['digest'], runs[1].result['digest'])
        printed = self.run_good('demo', '--file', path, '--print').stdout.replace('no_progress_ms = 5000', 'no_progress_ms = 7')
        run = self.run_program('run', '-', '--fault', 'frame_loss:p=1', input=printed)
        self.assert_complains(run, 1, 'no progress for 7 ms')
        self.assertEqual(run.result['sim_time_ns'] // 1000 % 100, 0)
        self.assertIn('nothing under way', run.stdout)

    def test_files_of_an_older_run_are_gone(self):
        path, out = self.make_file(10_000), self.new_out()
        self.run_good('demo', '--file', path, '--vcd', '--journeys', '--tlp-log', '--tlp-capture', out=out)
        with open(os.path.join(out, 'report.html'), 'w', encoding='utf-8') as page:
            page.write('of the older run')
        self.assertEqual(len(os.listdir(out)), 9, os.listdir(out))
        self.run_good('demo', '--file', path, '--no-capture', out=out)
        self.assertEqual(os.listdir(out), ['result.json'])
        self.run_good('demo', '--file', path, '--fst', '--no-capture', out=out)
        if os.path.exists(os.path.join(out, 'waves.fst')):  # with vcd2fst or its library
            self.run_good('demo', '--file', path, '--vcd', '--wave-on', 'rule', '--no-capture', out=out)
            self.assertEqual(os.listdir(out), ['result.json'])
        self.run_good('demo', '--file', path, '--json', self.path('elsewhere.json'), '--no-capture', out=out)
        self.assertEqual(os.listdir(out), [])

    def test_files_of_somebody_else_stay(self):
        path, out = self.make_file(10_000), self.new_out()
        os.mkdir(out)
        with open(os.path.join(out, 'report.html'), 'w', encoding='utf-8') as page:
            page.write('of somebody else')
        self.run_good('demo', '--file', path, out=out)
        self.assertEqual(sorted(os.listdir(out)), ['capture.pcapng', 'report.html', 'result.json'])
        os.remove(os.path.join(out, 'report.html'))
        os.makedirs(os.path.join(out, 'report.html', 'deep'))
        self.assert_complains(self.run_program('demo', '--file', path, out=out), 1, 'cannot remove', 'report.html')

    def test_bench(self):
        for word in (['--nope'], ['--mib', 'nan'], ['--width', '65']):
            process = subprocess.run([os.environ['RINGSIDE_BENCH'], *word], capture_output=True, text=True, check=False)
            self.assertEqual(process.returncode, 2, process.stderr)
            self.assertEqual(len(process.stderr.splitlines()), 1, process.stderr)
            self.assertIn(word[0], process.stderr)

    def test_a_receiver_that_listens_late(self):
        """Its CPU is so slow that the first connect() is refused; the sender asks again."""
        file = self.make_file(20_000)
        h0, h1 = self.run_good('demo', '--file', file, '--print').stdout.split('name = "h1"')
        run = self.run_good('run', '-', input=h0 + 'name = "h1"' + re.sub('cpu_cost = .*', 'cpu_cost = 100.0', h1, count=1))
        self.assert_whole(run, file)
        resets = tshark(run.capture, 'tcp.flags.reset == 1')
        self.assertIn(resets and len(resets), (None, 1))

    def test_broken_expectation(self):
        printed = self.run_good('demo', '--file', self.make_file(1_000), '--print').stdout
        printed = printed.replace('min_goodput_mbps = 0.0', 'min_goodput_mbps = 900000.0')
        run = self.run_program('run', '-', input=printed)
        self.assert_complains(run, 1, 'goodput', '900000')


class Interrupt(ProgramTest):
    def start(self):
        path = self.make_file(32 << 20)
        self.out = self.new_out()
        process = subprocess.Popen([PROGRAM, 'demo', '--file', path, '--out', self.out], cwd=self.folder, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        capture = os.path.join(self.out, 'capture.pcapng')
        deadline = time.monotonic() + 60
        while not (os.path.exists(capture) and os.path.getsize(capture) > 300_000):
            self.assertLess(time.monotonic(), deadline, 'no traffic')
            self.assertIsNone(process.poll(), 'ended early')
            time.sleep(0.02)
        return process

    def check_stops(self, number, code, name, times=1):
        process = self.start()
        for _ in range(times):
            process.send_signal(number)
            time.sleep(0.01)
        _, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, code, stderr)
        self.assertIn(name, stderr)
        run = Run(subprocess.CompletedProcess([], code, '', stderr), self.out)
        self.assertEqual(run.result['outcome'], 'interrupted')
        self.assertGreater(run.result['bytes'], 0)
        frames = tshark(run.capture, 'frame')
        if frames is not None:
            self.assertEqual(len(frames), run.result['frames'])

    def test_control_c(self):
        self.check_stops(signal.SIGINT, 130, 'interrupted')

    def test_terminate(self):
        self.check_stops(signal.SIGTERM, 143, 'terminated')

    def test_one_press_that_comes_twice(self):
        """As from `timeout -s INT`: to the process, and to its group."""
        self.check_stops(signal.SIGINT, 130, 'interrupted', times=2)

    def test_second_signal_kills(self):
        process = self.start()
        process.send_signal(signal.SIGINT)
        for _ in range(40):  # it may be at its end by then
            time.sleep(0.05)
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        self.assertIn(process.returncode, (-signal.SIGINT, 130))


class Script(ProgramTest):
    """The front script, without building: its build directory is a made-up one."""

    def run_script(self, *arguments, **environment):
        return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, cwd=self.folder, timeout=60,
                              check=False,
                              env={**os.environ, 'RINGSIDE_BUILD_DIR': self.path('build dir'), **environment})

    def test_help(self):
        process = self.run_script('--help')
        self.assertEqual(process.returncode, 0)
        for word in ('demo', 'run', 'test', 'bench'):
            self.assertIn(word, process.stdout)
        self.assertEqual(self.run_script().returncode, 2)

    def make_tools(self, **bodies):
        """Stand-ins for programs; the environment that finds them first."""
        tools = self.path('tools')
        os.mkdir(tools)
        for name, body in bodies.items():
            place = os.path.join(tools, name.replace('_', '-'))
            with open(place, 'w', encoding='utf-8') as file:
                file.write('#!/bin/sh\n%s\n' % body)
            os.chmod(place, 0o755)
        return {'PATH': tools + ':' + os.environ['PATH'], 'HOME': self.folder}

    def test_packages_without_root(self):
        """Neither root nor sudo, and dpkg-query knows nothing: the exact line to run, exit 1."""
        # A user namespace of its own makes root a nobody that may still do with its files what it likes.
        drop = ['unshare', '--user'] if os.geteuid() == 0 else []
        if subprocess.run([*drop, 'true'], capture_output=True, check=False).returncode != 0:
            self.skipTest('root, and no user namespaces')
        environment = self.make_tools(dpkg_query='exit 1', sudo='exit 1')
        process = subprocess.run([*drop, SCRIPT, 'demo'], capture_output=True, text=True, cwd=self.folder, timeout=60,
                                 check=False, stdin=subprocess.DEVNULL,
                                 env={**environment, 'RINGSIDE_BUILD_DIR': self.path('build dir')})
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertIn('apt-get update && apt-get install -y --no-install-recommends g++ cmake ', process.stderr)

    def test_packages_are_installed(self):
        """As root or through sudo: one update, one install of what is missing alone; a failure is told."""
        asked = self.path('asked')
        environment = self.make_tools(
            dpkg_query='shift 3; for name; do [ $name = ccache ] || echo "$name installed"; done',
            apt_get='echo "$DEBIAN_FRONTEND $*" >>"%s"; echo "pmstatus:x:50.0:Unpacking x" >&3' % asked,
            sudo='[ "$1" = -n ] && shift; exec "$@"', cmake='echo "CMake Error: a stand-in"; exit 1')
        process = self.run_script('demo', **environment)
        self.assertEqual(process.returncode, 1)
        self.assertIn('configuring failed', process.stderr)  # so the installation went well
        with open(asked, encoding='utf-8') as file:
            update, install = file.read().splitlines()
        self.assertIn('noninteractive -o DPkg::Lock::Timeout=300 ', update)
        self.assertTrue(update.endswith(' update'), update)
        self.assertTrue(install.endswith(' install -y --no-install-recommends ccache'), install)
        self.make_failing(environment)
        process = self.run_script('demo', **environment)
        self.assertEqual(process.returncode, 1)
        self.assertIn('E: no network', process.stderr)

    def make_failing(self, environment):
        with open(os.path.join(environment['PATH'].split(':')[0], 'apt-get'), 'w', encoding='utf-8') as file:
            file.write('#!/bin/sh\necho "E: no network" >&2\nexit 100\n')


if __name__ == '__main__':
    main()
