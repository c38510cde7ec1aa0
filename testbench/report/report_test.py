"""The report: what is in the page is what the run left, and a browser that clicks through it complains of nothing."""

import json
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'program', 'tests'))
import browser
from captures import journeys
from support import PROGRAM, ProgramTest, main

PICTURES = os.environ.get('RINGSIDE_PICTURES')  # a folder: screenshots are left there


class Report(ProgramTest):
    def make_run(self, *options):
        run = self.run_good('demo', '--file', self.make_file(600_000), '--journeys', *options)
        return run

    def make_report(self, run):
        process = subprocess.run([PROGRAM, 'report', '--out', run.out], capture_output=True, text=True, check=False)
        self.assertEqual(process.returncode, 0, process.stderr)
        path = os.path.join(run.out, 'report.html')
        self.assertEqual(process.stdout, path + '\n')
        with open(path, encoding='utf-8') as file:
            return path, file.read()

    def data_of(self, page):
        return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))

    def break_a_rule(self, run):
        """The run's results with a broken rule in them: what a checker would have said."""
        result = run.result
        entries = sorted(row['entry'] for row in journeys(run.out)[1].values() if row['entry'])
        at = entries[len(entries) // 2] // 1000
        for n in range(2):
            result['violations'].append({
                'rule': 'D5', 'side': 'device', 'time_ps': (at + 700 * n) * 1000, 'object': 'h1.nic queue 0 return index 7',
                'text': 'the entry comes before its payload: <b>length</b> 1514', 'wave_from_ns': at - 2000, 'wave_to_ns': at + 1000,
                'events': ['%d.250 ns write of 256 bytes for descriptor 7' % (at - 300), '%d.500 ns return entry 7' % (at - 20)]})
        result['violation_count'] = 2
        with open(os.path.join(run.out, 'result.json'), 'w', encoding='utf-8') as file:
            json.dump(result, file)

    def test_page_holds_the_run(self):
        run = self.make_run('--loss', 0.02)
        _, page = self.make_report(run)
        without_data = re.sub(r'id="data">.*?</script>', '', page, flags=re.S).replace('http://www.w3.org/2000/svg', '')
        self.assertEqual(re.findall(r'https?://|src=|@import|url\((?!#)', without_data), [])
        data, result = self.data_of(page), run.result
        _, rows = journeys(run.out)
        self.assertEqual(data['run']['goodput_mbps'], result['goodput_mbps'])
        self.assertEqual(data['explain'], result['explain'])
        slot_s = data['series']['slot_ns'] * 1e-9
        read = sum(sum(line) for line in data['series']['goodput_mbps']) * 1e6 / 8 * slot_s
        self.assertAlmostEqual(read, sum(row['payload'] for row in rows.values() if row['user']), delta=1)
        sent = sum(sum(line) for line in data['series']['wire_mbps']) * 1e6 / 8 * slot_s
        self.assertAlmostEqual(sent, sum(row['bytes'] for row in rows.values()), delta=1)
        self.assertEqual(sum(sum(line) for line in data['series']['interrupts']), result['interrupts'])
        self.assertEqual(sum(data['series']['drops']['lost on the wire']),
                         sum(result['counters'].get('wire.%s.lost' % host, 0) for host in ('h0', 'h1')))
        spans = sorted(row['user'] - row['segment'] for row in rows.values() if row['user'] and row['payload'])
        self.assertEqual(data['latency'][0]['count'], len(spans))
        self.assertEqual(data['latency'][0]['all']['max'], spans[-1] / 1000)
        self.assertEqual(data['latency'][0]['all']['p50'], spans[(len(spans) - 1) // 2] / 1000)
        for row in data['packets']:
            self.assertEqual(row[10], [rows[row[0]][step['column']] or 0 for step in data['steps']])

    def test_picture_of_a_violation(self):
        run = self.run_program('demo', '--file', self.make_file(60_000), '--journeys', '--keep-going', '--vcd', '--wave-host',
                               'h1', '--wave-window', '198us..204us', '--fault', 'completion_short@h1:t=200us')
        self.assertEqual(run.code, 1, run.stderr)
        data = self.data_of(self.make_report(run)[1])
        violation = data['violations'][0]
        self.assertEqual(violation['rule'], 'P20')
        rows = {row['name']: row['spans'] for row in violation['pins']}
        # The completion that broke the rule ends where the violation is, on the pins and in the NIC.
        self.assertIn(violation['time_ps'], [end for _, end, _ in rows['TLPs to the NIC']])
        signals = {row['name']: row['changes'] for row in violation['signals']}
        risen = [at for at, value in signals['cpl_valid'] if value == '1']
        self.assertTrue(any(0 <= at - violation['time_ps'] < 50_000 for at in risen), (risen, violation['time_ps']))
        for row in violation['signals']:
            times = [at for at, _ in row['changes']]
            self.assertEqual(times, sorted(times))

    def test_picture_of_the_other_nic(self):
        run = self.run_program('demo', '--file', self.make_file(60_000), '--journeys', '--keep-going', '--vcd', '--wave-host',
                               'h0', '--wave-window', '198us..204us', '--fault', 'completion_short@h1:t=200us')
        self.assertEqual(run.code, 1, run.stderr)
        violation = self.data_of(self.make_report(run)[1])['violations'][0]
        self.assertEqual((violation['rule'], violation['signals']), ('P20', []))  # h1 broke it, the waves are of h0

    def test_folder_without_its_option(self):
        run = self.make_run()
        for command in (['report', run.out], ['explain', run.out], ['journey', '9', run.out]):
            by_option = command[:-1] + ['--out', run.out]
            words = [subprocess.run([PROGRAM, *line], capture_output=True, text=True, check=True).stdout for line in (command, by_option)]
            self.assertEqual(*words)
            self.assertTrue(words[0])

    def test_without_journeys(self):
        run = self.run_good('demo', '--file', self.make_file(1_000))
        self.assert_complains(self.run_program('report', out=run.out), 1, 'series.json', '--journeys')

    def test_journeys_of_an_older_run_are_gone(self):
        file = self.make_file(1_000)
        run = self.run_good('demo', '--file', file, '--journeys')
        self.run_good('demo', '--file', file, out=run.out)
        self.assert_complains(self.run_program('report', out=run.out), 1, 'series.json', '--journeys')

    @unittest.skipUnless(browser.found(), 'no chromium with its chromedriver')
    def test_browser(self):
        run = self.make_run('--loss', 0.02)
        self.break_a_rule(run)
        path, _ = self.make_report(run)
        chromium = browser.Browser()
        self.addCleanup(chromium.close)
        for width, height, phone in ((1280, 900, False), (375, 812, True)):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    chromium.show(path, width, height, dark, phone)
                    self.look(chromium, width, dark)
                    self.click_through(chromium)
                    self.assertEqual(chromium.console(), [])

    def look(self, chromium, width, dark):
        self.assertEqual(chromium.run('return performance.getEntriesByType("resource").length'), 0)
        self.assertLessEqual(chromium.run('return document.documentElement.scrollWidth'), width)
        paper = chromium.run('return getComputedStyle(document.body).backgroundColor')
        self.assertEqual(sum(int(part) for part in re.findall('[0-9]+', paper)) < 200, dark, paper)
        self.assertRegex(chromium.run('return document.querySelector("h1").textContent'), r'^[0-9.,]+ [GM]b/s')
        self.assertEqual(chromium.run('return document.querySelectorAll("#limits .limit").length'), 9)
        self.assertEqual(chromium.run('return document.querySelectorAll("figure svg path").length >= 9'), True)
        # What is counted has no tick between two numbers; the largest waits have a colour of their own.
        ticks = lambda chart: chromium.run('return [...document.querySelectorAll("[data-chart=%s] text[text-anchor=end]")].map((text) => '
                                           '(text.textContent))' % chart)
        for chart in ('interrupts', 'tx-ring', 'return-ring'):
            values = [int(text.replace(',', '')) for text in ticks(chart) if re.fullmatch('[0-9,]+', text)]
            self.assertIn(len(values), (2, 3), chart)
            self.assertEqual(values[0], 0)
            self.assertEqual(len(values) == 2 or 2 * values[1] == values[2], True, '%s: %s' % (chart, values))
        self.assertEqual(ticks('throughput')[0], '0')
        colours = chromium.run('return [...document.querySelectorAll(".waits li")].map((line) => line.style.getPropertyValue("--k"))')
        own = [colour for colour in colours if colour not in ('var(--rest)', 'var(--line)')]
        self.assertEqual(len(own), len(set(own)))
        self.assertGreaterEqual(len(own), 5)
        # Nothing written lies outside its picture.
        outside = chromium.run('''return [...document.querySelectorAll("svg text")].filter((text) => {
            const box = text.getBoundingClientRect(), page = text.ownerSVGElement.parentElement.closest("section").getBoundingClientRect();
            return box.width && (box.left < page.left - 1 || box.right > page.right + 1); }).map((text) => text.textContent)''')
        self.assertEqual(outside, [])
        if PICTURES:
            chromium.picture(os.path.join(PICTURES, 'report_%d_%s.png' % (width, 'dark' if dark else 'light')))

    def click_through(self, chromium):
        packet = lambda: int(chromium.run('return document.getElementById("packet-id").value'))
        chromium.click('[data-pick=slowest]')
        slowest = packet()
        chromium.click('[data-pick=first]')
        first = packet()
        self.assertNotEqual(first, slowest)
        chromium.click('[data-pick=next]')
        self.assertGreater(packet(), first)
        chromium.click('[data-pick=previous]')
        self.assertEqual(packet(), first)
        chromium.click('[data-pick=lost]')
        self.assertIn('lost on the wire', chromium.run('return document.getElementById("packet-words").textContent'))
        chromium.type('#packet-id', str(slowest) + '\n')
        self.assertEqual(packet(), slowest)
        rows = chromium.run('return document.querySelectorAll("#steps tbody tr").length')
        marks = chromium.run('return document.querySelectorAll("#ladder rect").length')
        self.assertEqual(rows, marks)
        shares = chromium.run('return [...document.querySelectorAll("#steps tbody td:nth-child(4)")].map((cell) => parseFloat(cell.textContent) || 0)')
        self.assertAlmostEqual(sum(shares), 100, delta=0.05 * rows)
        before = chromium.run('return document.querySelector("[data-chart=latency] path").getAttribute("d")')
        chromium.run('const s = document.querySelector("[data-chart=latency] select"); s.value = "2"; s.dispatchEvent(new Event("change"))')
        self.assertNotEqual(chromium.run('return document.querySelector("[data-chart=latency] path").getAttribute("d")'), before)
        self.assertEqual(chromium.run('return document.querySelectorAll(".violation").length'), 2)
        chromium.click('.violation .pick button:last-child')
        self.assertGreater(chromium.run('return document.querySelectorAll(".violation .wave rect").length'), 3)
        self.assertEqual(chromium.run('return document.querySelectorAll(".violation b").length'), 0)  # text stays text
        for details in (2, 3):
            chromium.click('#numbers details:nth-of-type(%d) summary' % details)
        theme = lambda: chromium.run('return getComputedStyle(document.body).backgroundColor')
        old = theme()
        chromium.click('#theme')
        self.assertNotEqual(theme(), old)
        chromium.click('#theme')
        self.assertEqual(theme(), old)


if __name__ == '__main__':
    main()
