"""Reads what a run with --journeys leaves: journeys.tsv, and pcapng with its comments. Knows the formats, not the program."""

import collections
import json
import os
import struct

Packet = collections.namedtuple('Packet', 'interface time_ns data comment')


def pcapng(path):
    """The packets of a little-endian pcapng file, in its order."""
    with open(path, 'rb') as file:
        blob = file.read()
    at = 0
    while at < len(blob):
        kind, length = struct.unpack_from('<II', blob, at)
        if kind == 6:
            interface, high, low, captured = struct.unpack_from('<IIII', blob, at + 8)
            comment = ''
            option = at + 28 + (captured + 3) // 4 * 4
            while option < at + length - 4:
                code, size = struct.unpack_from('<HH', blob, option)
                if code == 1:
                    comment = blob[option + 4:option + 4 + size].decode()
                if code == 0:
                    break
                option += 4 + (size + 3) // 4 * 4
            yield Packet(interface, high << 32 | low, blob[at + 28:at + 28 + captured], comment)
        at += length


class Tlp:
    """One packet of tlps.pcapng; the layout stands in tlp_capture.h."""

    def __init__(self, packet):
        version, direction, ps, self.host = struct.unpack_from('>BBHH', packet.data)
        assert version == 1
        self.from_nic = direction == 1
        self.time_ps = packet.time_ns * 1000 + ps
        words = packet.data[8:]
        self.format, self.type = words[0] >> 5, words[0] & 31
        header = 16 if self.format & 1 else 12
        self.payload = words[header:]
        self.completion = self.type == 10
        self.address = 0
        self.enables = words[7]
        if not self.completion:
            self.address = int.from_bytes(words[8:header], 'big') & ~3
        self.lower_address = words[11] & 0x7F
        self.comment = packet.comment

    @property
    def kind(self):
        if self.completion:
            return 'CplD' if self.format & 2 else 'Cpl'
        return 'MWr' if self.format & 2 else 'MRd'

    @property
    def enabled(self):
        """The bytes of a memory write that its byte enables let through."""
        first, last = self.enables & 15, self.enables >> 4
        skip = (first & -first).bit_length() - 1 if first else 0
        end = len(self.payload) - (4 - (last or first).bit_length())
        return self.payload[skip:end]

    def packets(self):
        """{what: ids} of the comment, "packets 3-5 8: consumer index; packet 7: producer index"."""
        found = {}
        for part in self.comment.split('; ') if self.comment else []:
            ids, what = part.split(': ')
            found[what] = []
            for run in ids.split(' ')[1:]:
                first, _, last = run.partition('-')
                found[what] += range(int(first), int(last or first) + 1)
        return found


def journeys(out):
    """{id: {column: value}}; times are integers or None."""
    with open(os.path.join(out, 'journeys.tsv'), encoding='utf-8') as file:
        columns = file.readline().rstrip('\n').split('\t')
        texts = {'from', 'to', 'fate', 'head'}
        result = {}
        for line in file:
            row = dict(zip(columns, line.rstrip('\n').split('\t')))
            for name in columns:
                if name not in texts:
                    row[name] = int(row[name]) if row[name] else None
            result[row['id']] = row
    return columns, result


def trace(out):
    with open(os.path.join(out, 'trace.json'), encoding='utf-8') as file:
        return json.load(file)
