-- Wireshark dissector of the TLPs of a run (tlps.pcapng, written with --tlp-capture):
--
--   tshark -X lua_script:waves/tlp.lua -r out/demo/tlps.pcapng            one line per TLP, in words
--   wireshark -X lua_script:waves/tlp.lua out/demo/tlps.pcapng            filters: tlp.type == "MRd", tlp.tag == 5, ...
--
-- A packet is a pseudo header of 8 octets (testbench/program/tlp_capture.h draws it), then the TLP as the PCI Express
-- Base Specification draws it in chapter 2.2. The link type is LINKTYPE_USER0.
-- Register names come from nic_regs.lua beside this file, the base of the BAR from the configuration writes in the
-- capture, the request that a completion answers from requester, tag and direction. All of it is learnt in the first
-- pass over the file and kept by frame number, so that later looks at single frames agree.
-- Written for the Lua 5.2 of Wireshark 4.0 and for 5.4: neither `bit32` nor the operators of 5.3.

local PSEUDO_OCTETS = 8
local INTERRUPT_WINDOW = { 0xFEE00000, 0xFEF00000 }  -- message addresses, as on x86

local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local map = dofile(folder .. "nic_regs.lua")

local tlp = Proto("tlp", "PCI Express TLP")
local f = {
  direction = ProtoField.string("tlp.direction", "Direction"),
  host = ProtoField.uint16("tlp.host", "Host"),
  picoseconds = ProtoField.uint16("tlp.picoseconds", "Picoseconds beyond the time stamp"),
  type = ProtoField.string("tlp.type", "Type"),
  fmt = ProtoField.uint8("tlp.fmt", "Fmt", base.HEX, nil, 0xE0),
  type_code = ProtoField.uint8("tlp.type_code", "Type code", base.HEX, nil, 0x1F),
  tc = ProtoField.uint8("tlp.tc", "Traffic class", base.DEC, nil, 0x70),
  digest = ProtoField.bool("tlp.td", "Digest", 8, nil, 0x80),
  poisoned = ProtoField.bool("tlp.ep", "Poisoned", 8, nil, 0x40),
  relaxed = ProtoField.bool("tlp.ro", "Relaxed ordering", 8, nil, 0x20),
  no_snoop = ProtoField.bool("tlp.ns", "No snoop", 8, nil, 0x10),
  length = ProtoField.uint16("tlp.length", "Length in DW"),
  requester = ProtoField.string("tlp.requester", "Requester"),
  completer = ProtoField.string("tlp.completer", "Completer"),
  tag = ProtoField.uint8("tlp.tag", "Tag"),
  first_be = ProtoField.uint8("tlp.first_be", "First DW byte enables", base.HEX, nil, 0x0F),
  last_be = ProtoField.uint8("tlp.last_be", "Last DW byte enables", base.HEX, nil, 0xF0),
  address = ProtoField.uint64("tlp.address", "Address", base.HEX),
  register = ProtoField.string("tlp.register", "Register"),
  target = ProtoField.string("tlp.target", "Configuration target"),
  offset = ProtoField.uint16("tlp.config_offset", "Configuration offset", base.HEX),
  status = ProtoField.string("tlp.status", "Completion status"),
  byte_count = ProtoField.uint16("tlp.byte_count", "Byte count: octets still to come, with these"),
  lower_address = ProtoField.uint8("tlp.lower_address", "Lower address", base.HEX, nil, 0x7F),
  request_in = ProtoField.framenum("tlp.request_in", "Answers the request in"),
  data = ProtoField.bytes("tlp.data", "Data"),
}
for _, field in pairs(f) do table.insert(tlp.fields, field) end
local interface_name = Field.new("frame.interface_name")
local malformed = ProtoExpert.new("tlp.malformed", "Not what the layout says", expert.group.MALFORMED,
                                  expert.severity.ERROR)
tlp.experts = { malformed }

-- Fmt and Type (table 2-3), as one number: fmt * 32 + type.
local KINDS = { [0x00] = "MRd", [0x20] = "MRd", [0x40] = "MWr", [0x60] = "MWr", [0x02] = "IORd", [0x42] = "IOWr",
                [0x04] = "CfgRd0", [0x44] = "CfgWr0", [0x05] = "CfgRd1", [0x45] = "CfgWr1", [0x0A] = "Cpl",
                [0x4A] = "CplD" }
local STATUS = { [0] = "SC", [1] = "UR", [2] = "CRS", [4] = "CA" }
local STATUS_WORDS = { SC = "successful", UR = "unsupported request", CRS = "configuration retry",
                       CA = "completer abort" }
local CONFIG = { [0x00] = "vendor, device", [0x04] = "command, status", [0x08] = "revision, class",
                 [0x0C] = "header type", [0x10] = "BAR 0", [0x14] = "BAR 1", [0x18] = "BAR 2", [0x1C] = "BAR 3",
                 [0x20] = "BAR 4", [0x24] = "BAR 5", [0x2C] = "subsystem", [0x34] = "capabilities",
                 [0x3C] = "interrupt line, pin" }

-- What the first pass learns.
local bars = {}      -- host -> list of { frame, register, value }, in order of frames
local pending = {}   -- "host direction requester tag" -> { frame, words } of the request that waits
local answers = {}   -- frame of a completion -> { frame, words } of its request

function tlp.init() bars, pending, answers = {}, {}, {} end

-- ---------------------------------------------------------------- words

local function kind_of(byte0)
  if byte0 % 32 >= 16 and byte0 % 32 < 24 then return byte0 < 0x60 and "Msg" or "MsgD" end
  return KINDS[byte0] or string.format("undefined 0x%02x", byte0)
end

local function id_words(id)
  return string.format("%02x:%02x.%x", math.floor(id / 256), math.floor(id / 8) % 32, id % 8)
end

local function address_words(high, low)
  if high == 0 then return string.format("0x%08x", low) end
  return string.format("0x%x%08x", high, low)
end

-- The base of the NIC's BAR as the configuration writes before this frame left it; nil when there was none.
local function bar_base(host, frame)
  local low, high
  for _, write in ipairs(bars[host] or {}) do
    if write.frame >= frame then break end
    if write.register == 0 then low = write.value elseif write.register == 1 then high = write.value end
  end
  if low == nil or low >= 0xFFFFFFF0 then return nil end
  return high or 0, low - low % 16
end

local function register_words(offset)
  for _, row in ipairs(map.registers) do
    local name, first, count, step = row[1], row[2], row[3], row[4]
    local n = math.floor((offset - first) / step)
    if offset >= first and n < count and (offset - first) % step < 4 then
      return count == 1 and name or string.format("%s[%d]", name, n)
    end
  end
  return string.format("register space + 0x%04x", offset)
end

-- What lies at a memory address, as far as the map and x86 know; nil when it is host memory.
local function place_words(packet)
  if packet.from_nic then
    local message = packet.kind == "MWr" and packet.high == 0 and packet.low >= INTERRUPT_WINDOW[1] and
                    packet.low < INTERRUPT_WINDOW[2]
    return message and "interrupt message" or nil
  end
  local high, low = bar_base(packet.host, packet.frame)
  if low == nil or packet.high ~= high or packet.low < low or packet.low >= low + map.bar_bytes then return nil end
  return register_words(packet.low - low)
end

local function learn_bar(packet, data)
  if packet.kind ~= "CfgWr0" or data:len() < 4 then return end
  local register = (packet.offset - 0x10) / 4 - map.bar
  if register ~= 0 and register ~= 1 then return end
  bars[packet.host] = bars[packet.host] or {}
  table.insert(bars[packet.host], { frame = packet.frame, register = register, value = data(0, 4):le_uint() })
end

local function value_words(packet, data)
  if data:len() == 4 then return string.format(" = 0x%08x", data(0, 4):le_uint()) end
  if data:len() == 8 then return string.format(" = 0x%08x%08x", data(4, 4):le_uint(), data(0, 4):le_uint()) end
  return ""
end

-- ---------------------------------------------------------------- the three kinds of header

-- Octets from the first to the last that the byte enables name.
local function enabled_octets(length, first_be, last_be)
  if first_be == 0 then return 0 end
  local low, high_be, high = 0, last_be == 0 and first_be or last_be, 3
  while math.floor(first_be / 2 ^ low) % 2 == 0 do low = low + 1 end
  while math.floor(high_be / 2 ^ high) % 2 == 0 do high = high - 1 end
  return (last_be == 0 and 1 or length) * 4 - low - (3 - high), low
end

local function read_request(range, tree, packet)
  packet.requester, packet.tag = range(4, 2):uint(), range(6, 1):uint()
  packet.first_be, packet.last_be = range(7, 1):bitfield(4, 4), range(7, 1):bitfield(0, 4)
  tree:add(f.requester, range(4, 2), id_words(packet.requester))
  tree:add(f.tag, range(6, 1))
  tree:add(f.last_be, range(7, 1))
  tree:add(f.first_be, range(7, 1))
end

local function read_memory(range, tree, packet)
  read_request(range, tree, packet)
  local at = packet.header == 16 and range(8, 8) or range(8, 4)
  packet.high = packet.header == 16 and at(0, 4):uint() or 0
  packet.low = at(at:len() - 4, 4):uint()
  packet.low = packet.low - packet.low % 4
  local octets, skipped = enabled_octets(packet.length, packet.first_be, packet.last_be)
  tree:add(f.address, at, UInt64.new(packet.low, packet.high))
  local place = place_words(packet)
  if place then tree:add(f.register, at, place) end
  local where = address_words(packet.high, packet.low + (skipped or 0))
  packet.words = string.format("%s %s", packet.kind, place and place .. " (" .. where .. ")" or where)
  packet.more = string.format(", %d octets", octets)
end

local function read_config(range, tree, packet)
  read_request(range, tree, packet)
  packet.offset = range(10, 2):uint() % 4096
  tree:add(f.target, range(8, 2), id_words(range(8, 2):uint()))
  tree:add(f.offset, range(10, 2), packet.offset)
  packet.words = string.format("%s %s 0x%03x", packet.kind, id_words(range(8, 2):uint()), packet.offset)
  if CONFIG[packet.offset] then packet.words = packet.words .. " (" .. CONFIG[packet.offset] .. ")" end
  packet.more = string.format(", byte enables %x", packet.first_be)
end

local function read_completion(range, tree, packet)
  packet.requester, packet.tag = range(8, 2):uint(), range(10, 1):uint()
  local code, count = range(6, 1):bitfield(0, 3), range(6, 2):uint() % 4096
  local status = STATUS[code] or "reserved " .. code
  count = count == 0 and 4096 or count
  tree:add(f.completer, range(4, 2), id_words(range(4, 2):uint()))
  tree:add(f.status, range(6, 1), status):append_text(" (" .. (STATUS_WORDS[status] or "as UR") .. ")")
  tree:add(f.byte_count, range(6, 2), count)
  tree:add(f.requester, range(8, 2), id_words(packet.requester))
  tree:add(f.tag, range(10, 1))
  tree:add(f.lower_address, range(11, 1))
  packet.words = string.format("%s %s", packet.kind, status)
  packet.more = string.format(", %d octets left, completer %s", count, id_words(range(4, 2):uint()))
  packet.last = status ~= "SC" or packet.kind == "Cpl" or count <= packet.length * 4 - range(11, 1):uint() % 4
end

local READERS = { MRd = read_memory, MWr = read_memory, CfgRd0 = read_config, CfgWr0 = read_config,
                  CfgRd1 = read_config, CfgWr1 = read_config, IORd = read_memory, IOWr = read_memory,
                  Cpl = read_completion, CplD = read_completion }

-- ---------------------------------------------------------------- requests and their completions

local function key_of(packet, from_nic)
  return string.format("%d %s %d %d", packet.host, tostring(from_nic), packet.requester, packet.tag)
end

local function match(packet, visited)
  if packet.kind == "MWr" or packet.requester == nil then return nil end
  local is_completion = packet.kind == "Cpl" or packet.kind == "CplD"
  if not is_completion then
    if not visited then pending[key_of(packet, packet.from_nic)] = { frame = packet.frame, words = packet.words } end
    return nil
  end
  if not visited then
    local key = key_of(packet, not packet.from_nic)
    answers[packet.frame] = pending[key]
    if packet.last then pending[key] = nil end
  end
  return answers[packet.frame]
end

-- ---------------------------------------------------------------- the whole packet

local function add_common(range, tree, packet)
  tree:add(f.type, range(0, 1), packet.kind)
  tree:add(f.fmt, range(0, 1))
  tree:add(f.type_code, range(0, 1))
  tree:add(f.tc, range(1, 1))
  for _, field in ipairs({ f.digest, f.poisoned, f.relaxed, f.no_snoop }) do tree:add(field, range(2, 1)) end
  tree:add(f.length, range(2, 2), packet.length)
end

local function dissect_tlp(range, tree, packet, visited)
  packet.kind = kind_of(range(0, 1):uint())
  packet.header = range(0, 1):bitfield(2, 1) == 1 and 16 or 12
  packet.has_data = range(0, 1):bitfield(1, 1) == 1
  packet.length = range(2, 2):bitfield(6, 10)
  if packet.length == 0 and packet.kind ~= "Cpl" then packet.length = 1024 end
  add_common(range, tree, packet)
  packet.words, packet.more = packet.kind, ""
  if range:len() < packet.header then return tree:add_proto_expert_info(malformed, "shorter than its header") end
  local reader = READERS[packet.kind]
  if reader then reader(range, tree, packet) end
  local request = match(packet, visited)
  if request then
    tree:add(f.request_in, range(0, 1), request.frame)
    packet.answers = request.words
  end
  local octets = range:len() - packet.header
  if octets ~= (packet.has_data and packet.length * 4 or 0) then
    tree:add_proto_expert_info(malformed, octets .. " octets of payload, not what the header says")
  end
  if octets == 0 then return end
  local data = range(packet.header, octets)
  tree:add(f.data, data)
  packet.value = value_words(packet, data)
  if not visited then learn_bar(packet, data) end
end

local function info_words(packet, poisoned)
  local text = packet.words .. (packet.value or "") .. packet.more
  if packet.length > 0 then text = text .. string.format(", %d DW", packet.length) end
  if packet.tag and packet.kind ~= "MWr" then text = text .. ", tag " .. packet.tag end
  if packet.requester then text = text .. ", requester " .. id_words(packet.requester) end
  if poisoned then text = text .. ", poisoned" end
  if packet.answers then text = text .. ", answers " .. packet.answers end
  return text
end

function tlp.dissector(buffer, pinfo, root)
  local tree = root:add(tlp, buffer())
  if buffer:len() < PSEUDO_OCTETS + 12 or buffer(0, 1):uint() ~= 1 then
    tree:add_proto_expert_info(malformed, "no pseudo header of version 1, or no TLP behind it")
    return
  end
  local packet = { from_nic = buffer(1, 1):uint() == 1, host = buffer(4, 2):uint(), frame = pinfo.number }
  local interface = interface_name()
  local host = interface and interface.display or "host " .. packet.host
  local from, to = host, host .. ".nic"
  if packet.from_nic then from, to = to, from end
  tree:add(f.direction, buffer(1, 1), packet.from_nic and "from the NIC" or "to the NIC")
  tree:add(f.picoseconds, buffer(2, 2))
  tree:add(f.host, buffer(4, 2))
  dissect_tlp(buffer(PSEUDO_OCTETS), tree, packet, pinfo.visited)
  pinfo.cols.protocol = "TLP"
  pinfo.cols.src = from
  pinfo.cols.dst = to
  pinfo.cols.info = info_words(packet, buffer(PSEUDO_OCTETS + 2, 1):bitfield(1, 1) == 1)
  tree:append_text(", " .. from .. " to " .. to .. ", " .. packet.words)
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, tlp)
