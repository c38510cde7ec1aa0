"""The register and descriptor map as objects, read from nic_regs.toml and validated.

Standard library only (Python 3.11 and later). Every mistake found becomes one line of text; nothing is guessed.
"""

import re
import tomllib
from dataclasses import dataclass, field

ACCESS = ("ro", "rw", "wo", "rw1c", "w1s")
NAME = re.compile(r"^[a-z][a-z0-9_]*$")
COUNTER_BYTES = 8


@dataclass
class Field:
    name: str
    lsb: int
    width: int
    doc: str
    access: str

    @property
    def bits(self):
        return f"{self.lsb + self.width - 1}:{self.lsb}" if self.width > 1 else str(self.lsb)


@dataclass
class Register:
    name: str
    offset: int
    access: str
    doc: str
    reset: int = 0
    wide: bool = False
    count: int = 1
    unit: str = ""
    drop: bool = False
    ordinal: int = -1
    fields: list = field(default_factory=list)

    @property
    def bytes(self):
        return (8 if self.wide else 4) * self.count

    @property
    def bit_width(self):
        return 64 if self.wide else 32


@dataclass
class Block:
    name: str
    base: int
    doc: str
    count: int = 1
    stride: int = 0
    counters: bool = False
    regs: list = field(default_factory=list)

    @property
    def bytes(self):
        """Bytes of BAR the block takes, all instances together."""
        if self.stride:
            return self.count * self.stride
        return max((r.offset + r.bytes for r in self.regs), default=0)


@dataclass
class LayoutField:
    name: str
    offset: int
    bytes: int
    doc: str
    unit: str = ""


@dataclass
class Layout:
    name: str
    bytes: int
    doc: str
    fields: list = field(default_factory=list)


@dataclass
class Flag:
    name: str
    bit: int
    doc: str


@dataclass
class Named:
    """A set of flags or the values of an enumeration."""
    name: str
    items: list


@dataclass
class Value:
    name: str
    value: int
    doc: str


@dataclass
class Prose:
    title: str
    text: str


class MapError(Exception):
    """The map is wrong; str() has one line per mistake."""


class Map:
    """Everything the outputs are written from."""

    def __init__(self, data):
        self.errors = []
        self.info = self._table(data, "map", {"title": str, "vendor_id": int, "device_id": int, "revision_id": int,
                                              "class_code": int, "bar": int, "bar_bytes": int, "max_queues": int,
                                              "max_vectors": int})
        for key in data:
            if key not in ("map", "block", "layout", "flags", "enum", "prose"):
                self._error(f"unknown table '{key}'")
        self.blocks = [self._block(b) for b in self._list(data, "block", "map")]
        self.layouts = [self._layout(x) for x in self._list(data, "layout", "map")]
        self.flags = [self._flags(x) for x in self._list(data, "flags", "map")]
        self.enums = [self._enum(x) for x in self._list(data, "enum", "map")]
        self.prose = [Prose(self._get(x, "title", str, "prose"), self._get(x, "text", str, "prose"))
                      for x in self._list(data, "prose", "map")]
        if not self.errors:
            self._check_overlaps()
            self._check_names()
        if self.errors:
            raise MapError("\n".join(self.errors))

    # ---- reading, with types ----

    def _error(self, text):
        self.errors.append(text)

    def _get(self, table, key, kind, where, default=None):
        value = table.get(key, default)
        if value is None:
            self._error(f"{where}: '{key}' is missing")
            return kind()
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._error(f"{where}: '{key}' must be {kind.__name__}, is {value!r}")
            return kind()
        if kind is int and value < 0:
            self._error(f"{where}: '{key}' must not be negative")
            return 0
        return value

    def _list(self, table, key, where):
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(x, dict) for x in value):
            self._error(f"{where}: '{key}' must be a list of tables")
            return []
        return value

    def _table(self, data, key, kinds):
        table = data.get(key, {})
        self._known(table, kinds, key)
        return {name: self._get(table, name, kind, key) for name, kind in kinds.items()}

    def _known(self, table, keys, where):
        for key in table:
            if key not in keys:
                self._error(f"{where}: unknown key '{key}'")

    def _name(self, table, where):
        name = self._get(table, "name", str, where)
        if name and not NAME.match(name):
            self._error(f"{where}: name '{name}' is not lower_snake_case")
        return name

    def _access(self, table, where, default):
        access = self._get(table, "access", str, where, default)
        if access not in ACCESS:
            self._error(f"{where}: access '{access}' is none of {', '.join(ACCESS)}")
        return access

    # ---- the parts ----

    def _block(self, t):
        name = self._name(t, "block")
        where = f"block {name}"
        self._known(t, ("name", "base", "doc", "count", "stride", "counters", "regs"), where)
        block = Block(name, self._get(t, "base", int, where), self._get(t, "doc", str, where),
                      self._get(t, "count", int, where, 1), self._get(t, "stride", int, where, 0),
                      self._get(t, "counters", bool, where, False))
        if block.base % 4 or block.stride % 4:
            self._error(f"{where}: base and stride must be multiples of 4")
        if block.count > 1 and not block.stride:
            self._error(f"{where}: count without stride")
        if block.stride & (block.stride - 1):
            self._error(f"{where}: stride {block.stride:#x} is not a power of two")
        for ordinal, r in enumerate(self._list(t, "regs", where)):
            block.regs.append(self._register(r, block, ordinal))
        return block

    def _register(self, t, block, ordinal):
        name = self._name(t, f"block {block.name}")
        where = f"register {name}"
        keys = ("name", "doc", "unit", "drop") if block.counters else (
            "name", "offset", "access", "reset", "wide", "count", "doc", "unit", "fields")
        self._known(t, keys, where)
        doc, unit = self._get(t, "doc", str, where), self._get(t, "unit", str, where, "")
        if block.counters:
            return Register(name, ordinal * COUNTER_BYTES, "ro", doc, wide=True, unit=unit,
                            drop=self._get(t, "drop", bool, where, False), ordinal=ordinal)
        reg = Register(name, self._get(t, "offset", int, where), self._access(t, where, None), doc,
                       self._get(t, "reset", int, where, 0), self._get(t, "wide", bool, where, False),
                       self._get(t, "count", int, where, 1), unit)
        if reg.offset % (8 if reg.wide else 4):
            self._error(f"{where}: offset {reg.offset:#x} is not aligned to its size")
        if reg.reset >> reg.bit_width:
            self._error(f"{where}: reset {reg.reset:#x} does not fit {reg.bit_width} bits")
        if block.stride and reg.offset + reg.bytes > block.stride:
            self._error(f"{where}: ends beyond the stride of block {block.name}")
        for f in self._list(t, "fields", where):
            reg.fields.append(self._field(f, reg))
        self._check_fields(reg, where)
        return reg

    def _field(self, t, reg):
        name = self._name(t, f"register {reg.name}")
        where = f"register {reg.name}, field {name}"
        self._known(t, ("name", "bits", "doc", "access"), where)
        bits = self._get(t, "bits", str, where)
        match = re.match(r"^(\d+)(?::(\d+))?$", bits)
        msb, lsb = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not match or msb < lsb:
            self._error(f"{where}: bits '{bits}' is neither 'n' nor 'high:low'")
            msb = lsb
        return Field(name, lsb, msb - lsb + 1, self._get(t, "doc", str, where), self._access(t, where, reg.access))

    def _check_fields(self, reg, where):
        taken, names, resettable = {}, set(), 0
        for f in reg.fields:
            if f.lsb + f.width > reg.bit_width:
                self._error(f"{where}: field {f.name} [{f.bits}] lies outside {reg.bit_width} bits")
            if f.name in names:
                self._error(f"{where}: field {f.name} is there twice")
            names.add(f.name)
            for bit in range(f.lsb, f.lsb + f.width):
                if bit in taken:
                    self._error(f"{where}: fields {taken[bit]} and {f.name} overlap in bit {bit}")
                    break
                taken[bit] = f.name
            resettable |= ((1 << f.width) - 1) << f.lsb
        if reg.fields and reg.reset & ~resettable:
            self._error(f"{where}: reset {reg.reset:#x} sets bits that belong to no field")

    def _layout(self, t):
        name = self._name(t, "layout")
        where = f"layout {name}"
        self._known(t, ("name", "bytes", "doc", "fields"), where)
        layout = Layout(name, self._get(t, "bytes", int, where), self._get(t, "doc", str, where))
        end = 0
        for f in self._list(t, "fields", where):
            field_name = self._name(f, where)
            place = f"{where}, field {field_name}"
            self._known(f, ("name", "offset", "bytes", "unit", "doc"), place)
            item = LayoutField(field_name, self._get(f, "offset", int, place), self._get(f, "bytes", int, place),
                               self._get(f, "doc", str, place), self._get(f, "unit", str, place, ""))
            if item.bytes not in (1, 2, 4, 8):
                self._error(f"{place}: {item.bytes} bytes is none of 1, 2, 4, 8")
            elif item.offset % item.bytes:
                self._error(f"{place}: offset {item.offset} is not aligned to {item.bytes} bytes")
            if item.offset < end:
                self._error(f"{place}: overlaps the field before it")
            elif item.offset > end:
                self._error(f"{place}: a hole of {item.offset - end} bytes before it; name it reserved")
            end = item.offset + item.bytes
            layout.fields.append(item)
        if end != layout.bytes:
            self._error(f"{where}: fields end at byte {end}, the layout at {layout.bytes}")
        return layout

    def _flags(self, t):
        name = self._name(t, "flags")
        where = f"flags {name}"
        self._known(t, ("name", "bits"), where)
        flags = []
        for b in self._list(t, "bits", where):
            self._known(b, ("name", "bit", "doc"), where)
            flags.append(Flag(self._name(b, where), self._get(b, "bit", int, where), self._get(b, "doc", str, where)))
        self._unique([f.bit for f in flags], f"{where}: bit")
        self._unique([f.name for f in flags], f"{where}: name")
        if any(f.bit > 15 for f in flags):
            self._error(f"{where}: a bit above 15")
        return Named(name, flags)

    def _enum(self, t):
        name = self._name(t, "enum")
        where = f"enum {name}"
        self._known(t, ("name", "values"), where)
        values = []
        for v in self._list(t, "values", where):
            self._known(v, ("name", "value", "doc"), where)
            values.append(Value(self._name(v, where), self._get(v, "value", int, where),
                                self._get(v, "doc", str, where)))
        self._unique([v.value for v in values], f"{where}: value")
        self._unique([v.name for v in values], f"{where}: name")
        return Named(name, values)

    # ---- the map as a whole ----

    def _unique(self, items, what):
        seen = set()
        for item in items:
            if item in seen:
                self._error(f"{what} {item} is there twice")
            seen.add(item)

    def _check_overlaps(self):
        for block in self.blocks:
            self._overlaps([(r.offset, r.offset + r.bytes, f"register {r.name}") for r in block.regs],
                           f"block {block.name}")
        self._overlaps([(b.base, b.base + b.bytes, f"block {b.name}") for b in self.blocks], "map")
        for block in self.blocks:
            if block.base + block.bytes > self.info["bar_bytes"]:
                self._error(f"block {block.name}: ends at {block.base + block.bytes:#x}, beyond the BAR's "
                            f"{self.info['bar_bytes']:#x} bytes")

    def _overlaps(self, ranges, where):
        ranges = sorted(ranges)
        for (_, end, first), (start, _, second) in zip(ranges, ranges[1:]):
            if start < end:
                self._error(f"{where}: {first} and {second} overlap at {start:#x}")

    def _check_names(self):
        self._unique([b.name for b in self.blocks], "block name")
        self._unique([r.name for b in self.blocks for r in b.regs], "register name")
        self._unique([x.name for x in self.layouts + self.flags + self.enums], "layout, flags or enum name")
        for layout in self.layouts:
            self._unique([f.name for f in layout.fields], f"layout {layout.name}: field")


def words(nic):
    """Every word of the register space: (register, half, name, address of the first, how many, octets apart)."""
    for block in nic.blocks:
        for reg in block.regs:
            count, step = (block.count, block.stride) if block.stride else (reg.count, 8 if reg.wide else 4)
            for half in range(2 if reg.wide else 1):
                name = reg.name.upper() + ("_HI" if half else "")
                yield reg, half, name, block.base + reg.offset + 4 * half, count, step


def load(path):
    """The map in the file, or MapError."""
    try:
        with open(path, "rb") as file:
            data = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MapError(f"cannot read the map: {error}") from None
    return Map(data)
