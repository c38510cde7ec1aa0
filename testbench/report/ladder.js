// The ladder diagram: a line for each place, time running down, an arrow or a dot for each step of the chosen packet; and
// the same steps as a table with the share of each. Gaps grow with the logarithm of the time they stand for.

// Rows of data.packets.
const P = { id: 0, from: 1, bytes: 2, fate: 3, head: 4, write: 5, group: 6, size: 7, timer: 8, payload: 9, at: 10 };

// Where a step comes from and where it leads, in lines: application, TCP, driver, NIC | NIC, driver, TCP, application.
const LANES = ['application', 'TCP', 'driver', 'NIC', 'NIC', 'driver', 'TCP', 'application'];
const MOVES = {
  call: [0, 0], file: [0, 0], copied: [0, 1], segment: [1, 1], routed: [1, 1], framed: [1, 1], posted: [1, 2], doorbell: [2, 2],
  told: [2, 3], fetch: [3, 2], fetched: [2, 3], read: [3, 2], in_nic: [2, 3], sent: [3, 3], arrived: [3, 4], whole: [4, 4],
  stored: [4, 5], in_memory: [4, 5], entry: [4, 5], index: [4, 5], message: [4, 5], handler: [5, 5], taken: [5, 5],
  ethernet: [5, 6], ip: [6, 6], tcp: [6, 6], queued: [6, 6], user: [6, 7],
};

// The steps that happened, in order: {step, at, took} in ns.
function wayOf(packet) {
  const way = [];
  data.steps.forEach((step, i) => {
    const at = packet[P.at][i];
    if (!step.way || at === 0) return;
    way.push({ step, at: at / 1000, took: way.length ? at / 1000 - way[way.length - 1].at : 0 });
  });
  return way;
}

function drawLadder(packet, width) {
  const way = wayOf(packet);
  const left = 30;
  const gap = (width - left - 26) / (LANES.length - 1);
  const x = (lane) => left + lane * gap;
  const sender = data.hosts[packet[P.from]];
  const receiver = data.hosts[1 - packet[P.from]];
  let y = 62;
  const places = way.map((entry, i) => { if (i) y += 13 + 5 * Math.log10(1 + entry.took); return y; });
  const height = y + 24;
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': `Ladder diagram of packet ${packet[P.id]}` });
  root.append(svg('defs', {}, svg('marker', { id: 'tip-of-arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 6, markerHeight: 6, orient: 'auto' },
    svg('path', { d: 'M0,0L8,4L0,8z', fill: 'var(--ink)' }))));
  [[sender, 1.5], [receiver, 5.5]].forEach(([name, lane]) =>
    root.append(svg('text', { class: 'ink', x: x(lane), y: 14, 'text-anchor': 'middle', 'font-weight': 600, 'font-size': 13 }, name)));
  LANES.forEach((name, lane) => root.append(
    svg('text', { x: x(lane), y: 34 + (lane % 2) * 13, 'text-anchor': 'middle' }, width < 420 && name === 'application' ? 'app' : name),
    svg('line', { class: 'rule', x1: x(lane), x2: x(lane), y1: 52, y2: height - 10 })));
  root.append(svg('line', { x1: x(3.5), x2: x(3.5), y1: 52, y2: height - 10, stroke: 'var(--c2)', 'stroke-dasharray': '2 4' }));
  way.forEach((entry, i) => {
    const [from, to] = MOVES[entry.step.column];
    const mark = from === to
      ? svg('circle', { cx: x(from), cy: places[i], r: 3.2, fill: 'var(--c1)' })
      : svg('line', { x1: x(from), x2: x(to), y1: places[i], y2: places[i], stroke: 'var(--ink)', 'stroke-width': 1.3, 'marker-end': 'url(#tip-of-arrow)' });
    const hit = svg('rect', { x: 0, y: places[i] - 7, width, height: 14, fill: 'transparent' });
    hit.addEventListener('pointermove', (event) => showTip(event, `${entry.step.path}  ${entry.step.text}\n${inTime(entry.at)}, ${inTime(entry.took)} after the step before`));
    hit.addEventListener('pointerleave', hideTip);
    root.append(mark, svg('text', { x: 0, y: places[i] + 4 }, entry.step.path), hit);
  });
  return root;
}

function stepsTable(packet) {
  const way = wayOf(packet);
  const whole = way.length ? way[way.length - 1].at - way[0].at : 0;
  const hot = way.reduce((most, entry) => (entry.took > most ? entry.took : most), 0);
  const body = element('tbody');
  for (const { step, at, took } of way) {
    const bar = took ? element('i', { style: `width:${(100 * took) / whole}%` }) : '';
    body.append(element('tr', took === hot && took > 0 ? { class: 'hot' } : {}, element('td', {}, step.path), element('td', {}, step.text),
      element('td', { class: 'num' }, took ? inTime(took) : ''), element('td', { class: 'num' }, whole && took ? `${((100 * took) / whole).toFixed(1)}\u00a0%` : ''),
      element('td', { class: 'share' }, bar)));
    body.lastChild.title = `at ${at.toFixed(3)} ns`;
  }
  const head = element('thead', {}, element('tr', {}, element('th', {}, ''), element('th', {}, 'what has happened then'),
    element('th', { class: 'num' }, 'took'), element('th', { class: 'num' }, 'share'), element('th', {}, '')));
  const foot = element('tfoot', {}, element('tr', {}, element('td', {}, ''), element('td', {}, 'all of it'),
    element('td', { class: 'num' }, inTime(whole)),
    element('td', { class: 'num' }, whole ? '100.0\u00a0%' : ''), element('td', {}, '')));
  const beside = data.steps.map((step, i) => ({ step, at: packet[P.at][i] })).filter(({ step, at }) => !step.way && at);
  const list = element('p', { class: 'muted' }, beside.map(({ step, at }) => `${step.path} ${step.text} at ${inTime(at / 1000)}`).join('; '));
  return element('div', {}, element('table', {}, head, body, foot), list);
}

function spanOf(packet) {
  const way = wayOf(packet);
  const segment = way.find((entry) => entry.step.column === 'segment');
  const user = way.find((entry) => entry.step.column === 'user');
  return segment && user ? user.at - segment.at : null;
}

function packetChooser() {
  const packets = data.packets;
  const input = byId('packet-id');
  let at = 0;
  let redraw = null;
  const show = (index) => {
    at = Math.max(0, Math.min(packets.length - 1, index));
    const packet = packets[at];
    input.value = packet[P.id];
    const group = packet[P.size] > 1 ? `; one of ${packet[P.size]} that the NIC cut from a large packet` : '';
    byId('packet-words').textContent = `${packet[P.head]}: ${data.hosts[packet[P.from]]} to ${data.hosts[1 - packet[P.from]]}, ` +
      `${grouped(packet[P.bytes])} octets, ${packet[P.fate]}${packet[P.timer] ? ', sent by an ACK or a timer' : ''}${group}.`;
    byId('steps').replaceChildren(stepsTable(packet));
    if (redraw) redraw();
    else redraw = fitted(byId('ladder'), (width) => drawLadder(packets[at], width));
    document.querySelector('[data-pick=previous]').disabled = at === 0;
    document.querySelector('[data-pick=next]').disabled = at === packets.length - 1;
  };
  const spans = packets.map((packet, i) => [spanOf(packet), i]).filter(([span]) => span !== null).sort((a, b) => a[0] - b[0]);
  const lost = packets.findIndex((packet) => packet[P.fate] !== 'delivered');
  const firstWithData = packets.findIndex((packet) => packet[P.payload] > 0);
  const picks = {
    previous: () => at - 1, next: () => at + 1, first: () => Math.max(0, firstWithData),
    median: () => (spans.length ? spans[Math.floor(spans.length / 2)][1] : 0),
    slowest: () => (spans.length ? spans[spans.length - 1][1] : 0), lost: () => lost,
  };
  for (const button of document.querySelectorAll('[data-pick]')) {
    if (button.dataset.pick === 'lost' && lost < 0) button.hidden = true;
    button.addEventListener('click', () => show(picks[button.dataset.pick]()));
  }
  const nearest = () => {
    if (input.value === '') return;
    const wanted = Number(input.value);
    let best = 0;
    packets.forEach((packet, i) => { if (Math.abs(packet[P.id] - wanted) < Math.abs(packets[best][P.id] - wanted)) best = i; });
    show(best);
  };
  input.addEventListener('change', nearest);
  byId('pick').addEventListener('submit', (event) => { event.preventDefault(); nearest(); });
  if (packets.length) show(picks.median());
  else byId('packet').hidden = true;
}
