// Violations, each with a picture of the wave around it: what the pins carried, the NIC's signals where they were
// recorded, and what the checker remembered, with a line at the moment of the violation.

const ROW = 26;

// "1234.567 ns text" as a checker remembers it.
function remembered(events) {
  return events.map((text) => { const match = /^([0-9.]+) ns (.*)$/.exec(text); return match ? { ns: Number(match[1]), text: match[2] } : { ns: null, text }; });
}

function spanRow(root, row, y, x, low, high) {
  for (const [from, to, text] of row.spans) {
    if (to < low || from > high) continue;
    const left = x(Math.max(from, low));
    const wide = Math.max(1.5, x(Math.min(to, high)) - left);
    const mark = svg('rect', { x: left, y: y + 4, width: wide, height: ROW - 9, rx: 1.5, fill: row.name.includes('from') || row.name.startsWith('wire') ? 'var(--c2)' : 'var(--c1)' });
    mark.addEventListener('pointermove', (event) => showTip(event, `${text}\n${(from / 1000).toFixed(3)} to ${(to / 1000).toFixed(3)} ns`));
    mark.addEventListener('pointerleave', hideTip);
    root.append(mark);
  }
}

function bitRow(root, row, y, x, low, high) {
  let path = '';
  const level = (value) => y + (value === '1' ? 5 : ROW - 6);
  row.changes.forEach(([at, value], i) => {
    const from = x(Math.max(low, Math.min(at, high)));
    const end = x(Math.min(high, Math.max(low, i + 1 < row.changes.length ? row.changes[i + 1][0] : high)));
    path += `${path ? 'L' : 'M'}${from.toFixed(1)},${level(value)}L${end.toFixed(1)},${level(value)}`;
  });
  root.append(svg('path', { d: path, fill: 'none', stroke: 'var(--c3)', 'stroke-width': 1.4 }));
}

function busRow(root, row, y, x, low, high) {
  row.changes.forEach(([at, value], i) => {
    const end = i + 1 < row.changes.length ? row.changes[i + 1][0] : high;
    if (end < low || at > high) return;
    const left = x(Math.max(at, low));
    const right = x(Math.min(end, high));
    const slope = Math.min(3, (right - left) / 2);
    const middle = y + ROW / 2;
    root.append(svg('path', { d: `M${left},${middle}l${slope},-8H${right - slope}l${slope},8l${-slope},8H${left + slope}z`, fill: 'none', stroke: 'var(--c3)' }));
    if (right - left > 7 * value.length + 8) root.append(svg('text', { class: 'ink', x: (left + right) / 2, y: middle + 4, 'text-anchor': 'middle' }, value));
  });
}

function drawWave(violation, half, width) {
  const name = width < 560 ? 96 : 180;
  const at = violation.time_ps;
  const low = Math.max(0, at - half);
  const high = at + half / 2;
  const x = (ps) => name + ((width - name - 8) * (ps - low)) / (high - low);
  const events = remembered(violation.events).filter((event) => event.ns !== null && event.ns * 1000 >= low && event.ns * 1000 <= high);
  const rows = [...violation.pins, ...violation.signals];
  const height = 30 + (rows.length + (events.length ? 1 : 0)) * ROW + 12;
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, height, role: 'img', 'aria-label': `Wave around ${violation.rule}` });
  for (let i = 0; i <= 4; i += 1) {
    const ps = low + ((high - low) * i) / 4;
    root.append(svg('line', { class: 'axis', x1: x(ps), x2: x(ps), y1: 18, y2: height - 6 }),
                svg('text', { x: x(ps), y: 12, 'text-anchor': i === 4 ? 'end' : 'middle' }, `${grouped(ps / 1000)} ns`));
  }
  rows.forEach((row, i) => {
    const y = 24 + i * ROW;
    root.append(svg('text', { class: 'ink', x: 0, y: y + ROW / 2 + 4 }, row.name));
    if (row.spans) spanRow(root, row, y, x, low, high);
    else if (row.bits === 1) bitRow(root, row, y, x, low, high);
    else busRow(root, row, y, x, low, high);
  });
  if (events.length) {
    const y = 24 + rows.length * ROW;
    root.append(svg('text', { class: 'ink', x: 0, y: y + ROW / 2 + 4 }, 'checker saw'));
    for (const event of events) {
      const mark = svg('circle', { cx: x(event.ns * 1000), cy: y + ROW / 2, r: 4, fill: 'var(--c4)' });
      mark.addEventListener('pointermove', (pointer) => showTip(pointer, `${event.ns} ns\n${event.text}`));
      mark.addEventListener('pointerleave', hideTip);
      root.append(mark);
    }
  }
  root.append(svg('line', { x1: x(at), x2: x(at), y1: 18, y2: height - 6, stroke: 'var(--bad)', 'stroke-width': 1.5 }),
              svg('text', { x: x(at) - 5, y: height - 1, 'text-anchor': 'end', style: 'fill:var(--bad)' }, violation.rule));
  return root;
}

function violationCard(violation) {
  const wave = element('div', { class: 'wave' });
  const zooms = element('div', { class: 'pick' });
  let half = 2_000_000;
  const card = element('article', { class: 'violation' },
    element('h3', {}, `${violation.rule}, ${violation.side}, at ${inTime(violation.time_ps / 1000)}`),
    element('p', {}, `${violation.object}: ${violation.text}`), zooms, wave,
    element('ol', {}, ...remembered(violation.events).map((event) => element('li', {}, event.ns === null ? event.text : `${event.ns} ns  ${event.text}`))));
  const redraw = fitted(wave, (width) => drawWave(violation, half, width));  // drawn when the card has a width
  for (const wanted of [2_000_000, 600_000, 200_000, 60_000]) {
    const button = element('button', { type: 'button', 'aria-pressed': wanted === half }, `${inTime(wanted / 1000)} before it`);
    button.addEventListener('click', () => {
      half = wanted;
      zooms.querySelectorAll('button').forEach((other) => other.setAttribute('aria-pressed', other === button));
      redraw();
    });
    zooms.append(button);
  }
  return card;
}

function showViolations() {
  const place = byId('violations');
  if (!data.violations.length) {
    place.append(element('p', { class: 'good' }, 'None.'));
    return;
  }
  const more = data.run.violation_count - data.violations.length;
  data.violations.forEach((violation) => place.append(violationCard(violation)));
  if (more > 0) place.append(element('p', { class: 'muted' }, `and ${grouped(more)} more, in result.json`));
}
