'use strict';
// Elements, numbers in words, the tip that follows the pointer. Everything else is built on these.
const data = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const colours = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `var(--c${n})`);
const grouped = (value) => Math.round(value).toLocaleString('en-US');

// Three digits that matter: 5.88, 58.8, 588, 5,880.
function short(value) {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return grouped(value);
  return value.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

function inUnits(value, units) {
  let at = 0;
  while (at + 1 < units.length && Math.abs(value) >= 1000) { value /= 1000; at += 1; }
  return `${short(value)}\u00a0${units[at]}`;
}
// The words for the ticks of one axis: nothing is plain 0, whatever the others are counted in.
const asTick = (unit) => (value) => (value === 0 ? '0' : unit(value));
const inTime = (ns) => inUnits(ns, ['ns', 'µs', 'ms', 's']);
const inRate = (mbps) => (mbps >= 1e9 ? 'no limit' : inUnits(mbps, ['Mb/s', 'Gb/s', 'Tb/s']));
const inShare = (share) => `${short(share * 100)}\u00a0%`;

const tip = byId('tip');
function showTip(event, text) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = event.clientX + 14 + box.width > innerWidth ? event.clientX - box.width - 10 : event.clientX + 14;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, Math.min(innerHeight - box.height - 4, event.clientY + 12))}px`;
}
const hideTip = () => { tip.hidden = true; };

// Draws again whenever the width changes: `draw(width)` gives the new content.
function fitted(container, draw) {
  let last = 0;
  const redraw = () => {
    const width = Math.floor(container.clientWidth);
    if (width === last || width === 0) return;
    last = width;
    container.replaceChildren(draw(width));
  };
  new ResizeObserver(redraw).observe(container);
  redraw();
  return () => { last = 0; redraw(); };
}
