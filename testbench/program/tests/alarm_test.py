"""No false alarms: mixed traffic on every host profile at its nastiest, and no checker has anything to say.

Quick: a MiB on each profile. Nightly: 64 MiB, ten seeds on each. The seed decides the settings too.
"""

from support import ProgramTest, main

PROFILES = ('desktop', 'server', 'slow_and_far')
SEEDS = range(1, 11)


def host(number, profile, settings):
    return """
[[host]]
name = "h%d"
mac = "02:00:00:00:00:0%d"
address = "10.0.0.%d/24"
profile = "%s"
nasty = true
iommu = %s
memory_mib = 128
[host.nic]
queues = %d
mtu_bytes = %d
msi = %s
pause = %s
auto_mask = %s
[host.nic.coalescing]
rx_frames = %d
""" % (number, number + 1, number + 1, profile, settings['iommu'], settings['queues'], settings['mtu'], settings['msi'],
       settings['pause'], settings['auto_mask'], settings['rx_frames'])


def connection(number, way, path, write_bytes, read_bytes):
    return """
[[application]]
kind = "receive_file"
host = "h%d"
port = %d
read_bytes = %d
[[application]]
kind = "send_file"
host = "h%d"
to = "10.0.0.%d:%d"
file = "%s"
write_bytes = %d
start_us = %d
""" % (1 - way, 5000 + number, read_bytes, way, 2 - way, 5000 + number, path, write_bytes, 40 * number)


def settings_of(seed):
    """Each setting with another period, so that few pairs of them always come together."""
    def flag(period):
        return 'true' if seed % period == 0 else 'false'
    return {'iommu': 'false' if seed % 4 == 0 else 'true', 'queues': (1, 4, 2)[seed % 3], 'msi': flag(5),
            'pause': flag(2), 'auto_mask': 'false' if seed % 7 == 0 else 'true', 'mtu': (1500, 9000, 576)[seed // 2 % 3],
            'rx_frames': (16, 1, 64)[seed // 3 % 3]}


class Alarms(ProgramTest):
    def check(self, profile, seed, mib):
        text = 'name = "alarms"\nseed = %d\nwidth = %d\n' % (seed, (512, 64)[seed % 2])
        settings = settings_of(seed)
        text += host(0, profile, settings) + host(1, profile, settings)
        writes = (65_536, 1_000, 9_001, 262_144)
        size = mib * (1 << 20) // len(writes)
        for number, write_bytes in enumerate(writes):
            path = self.make_file(size + number, seed=seed * 10 + number)
            text += connection(number, number % 2, path, write_bytes, (65_536, 4_000)[number // 2])
        scenario = self.path('alarms.toml')
        with open(scenario, 'w', encoding='utf-8') as file:
            file.write(text)
        run = self.run_good('run', scenario, '--no-capture', timeout=3000)
        result = run.result
        self.assertEqual(result['violation_count'], 0, result['violations'])
        self.assertEqual(sum(t['bytes_received'] for t in result['transfers']), sum(size + n for n in range(len(writes))))
        for transfer in result['transfers']:
            self.assertEqual(transfer['sha256_sent'], transfer['sha256_received'])


for number_, profile_ in enumerate(PROFILES):
    setattr(Alarms, 'test_quick_' + profile_,
            lambda self, profile=profile_, seed=number_ + 4: self.check(profile, seed, 1))
    for seed_ in SEEDS:
        setattr(Alarms, 'test_%s_seed_%d' % (profile_, seed_),
                lambda self, profile=profile_, seed=seed_: self.check(profile, seed, 64))


if __name__ == '__main__':
    main()
