// Lines over the time of the run. A chart: {title, unit (a function from value to words), series: [{name, colour, values}],
// mean, log, whole, top, choices}. Values are per slot; null: nothing to show there, the line goes on to the next that has.

// No more points than can be told apart: of a rate (mean) the mean of each few slots, of anything else the largest, so
// that no peak is lost.
function thinned(values, most, mean) {
  const step = Math.max(1, Math.ceil(values.length / most));
  const out = [];
  for (let i = 0; i < values.length; i += step) {
    const some = values.slice(i, i + step).filter((value) => value !== null);
    if (!some.length) out.push(null);
    else out.push(mean ? some.reduce((sum, value) => sum + value, 0) / some.length : Math.max(...some));
  }
  return { values: out, step };
}

function niceTop(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const factor of [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) if (value <= factor * power) return factor * power;
  return 10 * power;
}

// Of things that are counted: no tick between two numbers.
function wholeTop(value) {
  if (value <= 1) return 1;
  const top = Math.ceil(niceTop(value));
  return top % 2 ? top + 1 : top;
}

function valueScale(chart, height) {
  const all = chart.series.flatMap((line) => line.values.filter((value) => value !== null && value > 0));
  const most = all.length ? Math.max(...all) : 1;
  if (chart.log) {
    const low = 10 ** Math.floor(Math.log10(all.length ? Math.min(...all) : 1));
    const high = Math.max(10 * low, 10 ** Math.ceil(Math.log10(most)));
    const decades = Math.round(Math.log10(high / low));
    const ticks = Array.from({ length: decades + 1 }, (_, i) => low * 10 ** i);
    return { ticks, y: (value) => height - (height * Math.log10(Math.max(value, low) / low)) / decades };
  }
  const top = chart.top || (chart.whole ? wholeTop(most) : niceTop(most));
  const ticks = chart.whole && top % 2 ? [0, top] : [0, top / 2, top];
  return { ticks, y: (value) => height - (height * Math.min(value, top)) / top };
}

function timeTicks(total, width) {
  const step = niceTop(total / Math.max(2, Math.floor(width / 110)));
  const ticks = [];
  for (let at = 0; at <= total * 1.0001; at += step) ticks.push(at);
  return ticks;
}

function pathOf(values, x, y) {
  const points = values.map((value, i) => (value === null ? '' : `${x(i).toFixed(1)},${y(value).toFixed(1)}`)).filter((point) => point);
  return points.length ? `M${points.join('L')}` : '';
}

function drawLines(chart, width) {
  const left = 62;
  const right = 8;
  const height = 150;
  const inner = Math.max(40, width - left - right);
  const lines = chart.series.map((line) => ({ ...line, ...thinned(line.values, Math.max(20, Math.floor(inner / (chart.mean ? 5 : 2))), chart.mean) }));
  const count = Math.max(...lines.map((line) => line.values.length), 2);
  const slot = data.series.slot_ns;
  const total = slot * Math.max(...chart.series.map((line) => line.values.length));
  const x = (i) => left + (inner * i) / (count - 1);
  const { ticks, y } = valueScale({ ...chart, series: lines }, height);
  const top = 8;
  const root = svg('svg', { viewBox: `0 0 ${width} ${height + 34}`, height: height + 34, role: 'img', 'aria-label': chart.title });
  for (const tick of ticks) {
    root.append(svg('line', { class: 'axis', x1: left, x2: width - right, y1: top + y(tick), y2: top + y(tick) }),
                svg('text', { x: left - 6, y: top + y(tick) + 4, 'text-anchor': 'end' }, asTick(chart.unit)(tick)));
  }
  for (const at of timeTicks(total, inner)) {
    const px = left + (inner * at) / total;
    root.append(svg('text', { x: px, y: height + 26, 'text-anchor': px > width - 40 ? 'end' : 'middle' }, asTick(inTime)(at)));
  }
  for (const line of lines) {
    root.append(svg('path', { d: pathOf(line.values, x, (value) => top + y(value)), fill: 'none', stroke: line.colour,
                              'stroke-width': 1.6, 'stroke-linejoin': 'round' }));
  }
  const cross = svg('line', { class: 'rule', y1: top, y2: top + height, visibility: 'hidden' });
  const cover = svg('rect', { x: left, y: top, width: inner, height, fill: 'transparent' });
  cover.addEventListener('pointermove', (event) => {
    const box = root.getBoundingClientRect();
    const i = Math.max(0, Math.min(count - 1, Math.round(((event.clientX - box.left) * (width / box.width) - left) / inner * (count - 1))));
    cross.setAttribute('x1', x(i));
    cross.setAttribute('x2', x(i));
    cross.setAttribute('visibility', 'visible');
    const words = lines.map((line) => `${line.name}: ${line.values[i] === null || line.values[i] === undefined ? '–' : chart.unit(line.values[i])}`);
    showTip(event, [`at ${inTime(i * lines[0].step * slot)}`, ...words].join('\n'));
  });
  cover.addEventListener('pointerleave', () => { cross.setAttribute('visibility', 'hidden'); hideTip(); });
  root.append(cross, cover);
  return root;
}

function addChart(place, chart) {
  const caption = element('figcaption', {}, element('strong', {}, chart.title, chart.log ? element('small', {}, 'log scale') : ''));
  const legend = element('div', { class: 'keys' });
  const body = element('div');
  const figure = element('figure', { 'data-chart': chart.name }, caption, body);
  place.append(figure);
  for (const line of chart.series) legend.append(element('span', { class: 'key', style: `--k:${line.colour}` }, line.name));
  const redraw = fitted(body, (width) => drawLines(chart, width));
  caption.append(legend);
  if (!chart.choices) return;
  const select = element('select', { 'aria-label': `${chart.title}: which` });
  chart.choices.forEach((choice, i) => select.append(element('option', { value: i }, choice.name)));
  legend.before(select);
  select.addEventListener('change', () => {
    chart.series = chart.choices[select.value].series;
    redraw();
  });
}
