// Puts the page together, from its first figure to its last number.

function showAnswer() {
  const { run, explain } = data;
  const rate = inRate(run.goodput_mbps).split('\u00a0');
  byId('figure').textContent = rate[0];
  byId('unit').textContent = `${rate[1]} of users' bytes`;
  byId('eyebrow').textContent = run.transfers.map((transfer) => `${transfer.from} to ${transfer.to}`).join(', ');
  byId('subtitle').textContent = `${run.scenario || 'run'}, ${run.width} bits, seed ${run.seed}`;
  const first = explain.directions[0];
  if (first) {
    const limit = first.limits[0];
    const wait = explain.waits[0];
    byId('lead').textContent = `The tightest limit, ${limit.name}, allows ${inRate(limit.mbps)}; ${inShare(first.measured_mbps / limit.mbps)} of that ` +
      `was reached. ${inShare(wait.share)} of the time went to waiting for ${wait.what}.`;
  }
  const lost = Object.values(data.drops).reduce((sum, value) => sum + value, 0);
  const latency = data.latency[0].all;
  const fact = (name, value, kind = '') => element('div', {}, element('dt', {}, name), element('dd', { class: kind }, value));
  byId('facts').append(
    fact('outcome', run.outcome, run.outcome === 'ok' ? 'good' : 'bad'),
    fact('rules broken', grouped(run.violation_count), run.violation_count ? 'bad' : 'good'),
    fact('bytes', grouped(run.bytes)), fact('simulated', inTime(run.sim_time_ns)), fact('frames', grouped(run.frames)),
    fact('latency, median', latency.p50 === null ? '–' : inTime(latency.p50)),
    fact('latency, 99 %', latency.p99 === null ? '–' : inTime(latency.p99)),
    fact('interrupts', grouped(run.interrupts)), fact('retransmissions', grouped(run.retransmissions)), fact('dropped', grouped(lost)));
  for (const failure of run.failures) byId('facts').after(element('p', { class: 'bad failure' }, failure));
}

// A dot for each limit on a logarithmic axis, and a line where the measurement is.
function limitDots(limit, measured, low, high) {
  const at = (mbps) => (100 * Math.log10(Math.max(low, Math.min(mbps, high)) / low)) / Math.log10(high / low);
  const root = svg('svg', { viewBox: '0 0 100 14', height: 14, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  root.append(svg('rect', { x: at(measured), y: 6, width: Math.max(0, at(limit.mbps) - at(measured)), height: 2, fill: 'var(--line)' }),
              svg('rect', { x: at(measured) - 0.15, y: 0, width: 0.5, height: 14, fill: 'var(--accent)' }),
              svg('rect', { x: at(limit.mbps) - 0.5, y: 2, width: 1, height: 10, fill: 'var(--c1)' }));
  return root;
}

function showLimits() {
  for (const direction of data.explain.directions) {
    const place = byId('limits');
    const known = direction.limits.map((limit) => limit.mbps).filter((mbps) => mbps < 1e9);
    const low = Math.min(direction.measured_mbps, ...known) / 1.5;
    const high = Math.max(...known) * 1.1;
    if (data.explain.directions.length > 1) place.append(element('h3', {}, `${direction.from} to ${direction.to}: ${inRate(direction.measured_mbps)} measured`));
    direction.limits.forEach((limit, i) => place.append(element('div', { class: i ? 'limit' : 'limit first' }, element('span', { class: 'name' }, limit.name),
      element('span', { class: 'dots' }, limitDots(limit, direction.measured_mbps, low, high)), element('span', { class: 'num' }, inRate(limit.mbps)),
      element('small', {}, limit.how))));
  }
}

// The largest have a colour each, the rest one together: no colour stands for two of them.
function showWaits() {
  const bar = element('div', { class: 'stack', role: 'img', 'aria-label': 'Shares of the time' });
  const list = element('ul', { class: 'waits' });
  data.explain.waits.forEach((wait, i) => {
    const colour = wait.what.startsWith('nothing') ? 'var(--line)' : i < colours.length - 1 ? colours[i] : 'var(--rest)';
    const part = element('i', { style: `--k:${colour};flex:${wait.share}` });
    part.addEventListener('pointermove', (event) => showTip(event, `${wait.what}\n${inShare(wait.share)}`));
    part.addEventListener('pointerleave', hideTip);
    bar.append(part);
    list.append(element('li', { style: `--k:${colour}` }, element('span', {}, wait.what), element('b', {}, inShare(wait.share))));
  });
  byId('waits').append(bar, list);
}

function bothWays(values, names = data.hosts) {
  return values.map((line, i) => ({ name: names[i], colour: colours[i], values: line })).filter((line) => line.values.some((value) => value));
}

function showCharts() {
  const { series, hosts } = data;
  const ways = [`${hosts[0]} to ${hosts[1]}`, `${hosts[1]} to ${hosts[0]}`];
  const place = byId('charts');
  const percentiles = data.latency.map((span) => ({ name: span.name, series: ['p50', 'p90', 'p99', 'max'].map((name, i) => ({
    name: { p50: 'median', p90: '90 %', p99: '99 %', max: 'most' }[name], colour: ['var(--c1)', 'var(--c5)', 'var(--c7)', 'var(--c2)'][i],
    values: span.over_time[name] })) }));
  const counted = { unit: grouped, whole: true };
  addChart(place, { name: 'throughput', title: 'Throughput read by users', unit: inRate, mean: true, series: bothWays(series.goodput_mbps, ways) });
  addChart(place, { name: 'latency', title: 'Packet latency', unit: inTime, log: true, series: percentiles[0].series, choices: percentiles });
  addChart(place, { name: 'cpu', title: 'CPU busy', unit: inShare, mean: true, top: 1, series: bothWays(series.cpu) });
  addChart(place, { name: 'wire', title: 'On the wire', unit: inRate, mean: true, series: bothWays(series.wire_mbps, ways) });
  addChart(place, { name: 'pcie', title: 'PCIe use', unit: inRate, mean: true, series: [
    ...bothWays(series.pcie_to_mbps, hosts.map((host) => `to the NIC of ${host}`)),
    ...bothWays(series.pcie_from_mbps, hosts.map((host) => `from that of ${host}`)).map((line, i) => ({ ...line, colour: colours[2 + i] }))] });
  addChart(place, { name: 'tx-ring', title: 'Packets in the TX ring', ...counted, series: bothWays(series.tx_ring) });
  addChart(place, { name: 'return-ring', title: 'Frames waiting in the return ring', ...counted, series: bothWays(series.return_ring) });
  addChart(place, { name: 'interrupts', title: 'Interrupts in a slot of ' + inTime(series.slot_ns), ...counted, series: bothWays(series.interrupts) });
  const drops = Object.entries(series.drops).map(([name, values], i) => ({ name, colour: colours[(i + 1) % colours.length], values }));
  if (drops.length) addChart(place, { name: 'drops', title: 'Frames that did not arrive', ...counted, series: drops });
}

function showNumbers() {
  const table = (id, numbers, none) => {
    const place = byId(id);
    place.className = 'columns';
    const entries = Object.entries(numbers);
    if (!entries.length) place.append(element('p', { class: 'good' }, none));
    for (const [name, value] of entries) place.append(element('div', {}, element('span', {}, name), element('b', {}, typeof value === 'number' ? grouped(value) : value)));
  };
  table('drops', data.drops, 'Nothing was dropped.');
  table('counters', data.counters, '');
  table('versions', data.versions, '');
  byId('again').textContent = data.run.command;
}

byId('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
});
showAnswer();
showLimits();
showWaits();
showCharts();
packetChooser();
showViolations();
showNumbers();
