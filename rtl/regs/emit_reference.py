"""REFERENCE.md: the prose of reference_template.md with the map's tables put in. Names of registers in the prose
(`NAME` or `NAME.field`) must exist in the map."""

import re

from map_model import MapError


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def _address(block, reg):
    text = f"0x{block.base + reg.offset:04X}"
    if block.stride:
        text += f" + 0x{block.stride:X}·n"
    return text + (" + 4·i" if reg.count > 1 else "")


def _doc(item):
    unit = f" Unit: {item.unit}." if getattr(item, "unit", "") else ""
    return item.doc + unit


def _function(nic):
    keys = [("vendor", "vendor_id", 4), ("device", "device_id", 4), ("revision", "revision_id", 2),
            ("class", "class_code", 6)]
    rows = [(label, f"0x{nic.info[key]:0{digits}X}") for label, key, digits in keys]
    rows += [("BAR", f"{nic.info['bar']}, 0x{nic.info['bar_bytes']:X} bytes"),
             ("queue sets", f"1..{nic.info['max_queues']}"),
             ("MSI-X vectors", f"1 + queue sets, at most {nic.info['max_vectors']}")]
    return _table(("what", "value"), rows)


def _summary(nic):
    rows = []
    for block in nic.blocks:
        for reg in block.regs:
            if not block.counters:
                rows.append((_address(block, reg), f"`{reg.name.upper()}`" + (" (LO, HI)" if reg.wide else ""),
                             reg.access, f"0x{reg.reset:X}" if reg.access != "wo" else "-"))
        if block.counters:
            rows.append((f"0x{block.base:04X} + 8·i", f"counters, {len(block.regs)} pairs", "ro", "0x0"))
    return _table(("address", "register", "access", "reset"), rows)


def _register(block, reg):
    count = f", {reg.count} of them" if reg.count > 1 else ""
    lines = [f"#### {reg.name.upper()}", "",
             f"{_address(block, reg)}{count}, `{reg.access}`, reset 0x{reg.reset:X}. {_doc(reg)}", ""]
    if reg.fields:
        rows = [(f.bits, f.name, f.access, _doc(f)) for f in reg.fields]
        lines += [_table(("bits", "field", "access", "meaning"), rows), ""]
    return lines


def _registers(nic):
    lines = []
    for block in nic.blocks:
        times = f", {block.count} times, 0x{block.stride:X} apart" if block.stride else ""
        where = f"from 0x{block.base:04X}{times}"
        lines += [f"### Block {block.name}, {where}", "", block.doc, ""]
        if block.counters:
            rows = [(r.ordinal, f"0x{block.base + r.offset:04X}", r.name, "yes" if r.drop else "", _doc(r))
                    for r in block.regs]
            lines += [_table(("number", "address", "counter", "drop", "counts"), rows), ""]
            continue
        for reg in block.regs:
            lines += _register(block, reg)
    return "\n".join(lines).rstrip()


def _layouts(nic):
    lines = []
    for layout in nic.layouts:
        rows = [(f.offset, f.bytes, f.name, _doc(f)) for f in layout.fields]
        lines += [f"### {layout.name}, {layout.bytes} bytes", "", layout.doc, "",
                  _table(("offset", "bytes", "field", "meaning"), rows), ""]
    for flags in nic.flags:
        rows = [(f.bit, f.name, _doc(f)) for f in flags.items]
        lines += [f"### {flags.name}", "", _table(("bit", "flag", "meaning"), rows), ""]
    return "\n".join(lines).rstrip()


def _enums(nic):
    return "\n\n".join(_table(("value", e.name, "meaning"), [(v.value, v.name, v.doc) for v in e.items])
                       for e in nic.enums)


def _check_prose(nic, text):
    regs = {r.name.upper(): r for b in nic.blocks if not b.counters for r in b.regs}
    for name, field in re.findall(r"`([A-Z][A-Z0-9_]*)(?:\.([a-z_0-9]+))?`", text):
        if name not in regs:
            raise MapError(f"reference_template.md: register {name} is not in the map")
        if field and field not in [f.name for f in regs[name].fields]:
            raise MapError(f"reference_template.md: register {name} has no field {field}")


def emit(nic, template):
    """The text of REFERENCE.md."""
    _check_prose(nic, template)
    parts = {"title": nic.info["title"], "bar": str(nic.info["bar"]), "bar_bytes": f"0x{nic.info['bar_bytes']:X}",
             "function": _function(nic), "summary": _summary(nic), "registers": _registers(nic),
             "layouts": _layouts(nic), "enums": _enums(nic)}
    unknown = set(re.findall(r"{{(\w+)}}", template)) - set(parts)
    if unknown:
        raise MapError(f"reference_template.md: no such part {{{{{sorted(unknown)[0]}}}}}")
    return re.sub(r"{{(\w+)}}", lambda match: parts[match[1]], template)
