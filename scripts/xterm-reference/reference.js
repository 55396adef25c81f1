// Runs jobs on @xterm/headless, the terminal that internal/screen is compared with.
//
//     npm ci && node reference.js <jobs >results
//
// A job is one line of JSON: {"cols": 80, "rows": 24, "steps": [step, ...]}, where a
// step is {"write": base64} or {"resize": [cols, rows]}. Its result is one line too,
// in the same order: what the terminal shows after the last step, the lines above it
// if the job has "past": true, and the modes and places that further output meets.
'use strict';

const readline = require('node:readline');
const { open, write } = require('./terminal.js');

const pastLines = 2000; // kept above the screen where a job asks for them

async function run(job) {
  const t = open({ cols: job.cols, rows: job.rows, scrollback: job.past ? pastLines : 0 });
  for (const step of job.steps) {
    if (step.resize) t.resize(step.resize[0], step.resize[1]);
    else await write(t, Buffer.from(step.write || '', 'base64'));
  }
  const result = shown(t, job.past ? 0 : t.buffer.active.baseY);
  t.dispose();
  return result;
}

function shown(t, from) {
  const buffer = t.buffer.active;
  const rows = [];
  const wrapped = [];
  for (let y = from; y < buffer.baseY + t.rows; y++) {
    const line = buffer.getLine(y);
    rows.push(runs(line, t.cols));
    wrapped.push(line.isWrapped);
  }
  return {
    cols: t.cols,
    rows,
    wrapped,
    past: buffer.baseY - from,
    cursor: [buffer.cursorX, buffer.cursorY], // x is cols when a wrap is pending
    alt: buffer.type === 'alternate',
    modes: t.modes,
    inside: inside(t._core),
  };
}

// What the programming interface does not tell, but what comes next depends on.
function inside(core) {
  const buffer = core._bufferService.buffer;
  return {
    hidden: core.coreService.isCursorHidden,
    mouseEncoding: core.coreMouseService.activeEncoding,
    margins: [buffer.scrollTop, buffer.scrollBottom],
    tabs: Object.keys(buffer.tabs).map(Number).filter((x) => buffer.tabs[x] && x > 0 && x < core.cols),
    saved: [buffer.savedX, buffer.savedY],
    glevel: core._charsetService.glevel,
  };
}

// A run is [count, text, width, fg, bg, attributes, underline, underline colour]: so
// many equal cells.
function runs(line, cols) {
  const out = [];
  let last = '';
  let cell;
  for (let x = 0; x < cols; x++) {
    cell = line.getCell(x, cell);
    const is = describe(cell);
    const key = JSON.stringify(is);
    if (key === last) out[out.length - 1][0]++;
    else out.push([1, ...is]);
    last = key;
  }
  return out;
}

const describe = (c) => [
  c.getChars(),
  c.getWidth(),
  color(c.isFgRGB(), c.isFgPalette(), c.getFgColor()),
  color(c.isBgRGB(), c.isBgPalette(), c.getBgColor()),
  [c.isBold(), c.isDim(), c.isItalic(), c.isBlink(), c.isInverse(), c.isInvisible(), c.isStrikethrough(), c.isOverline()]
    .reduce((bits, on, i) => bits | (on ? 1 << i : 0), 0),
  c.isUnderline() ? c.getUnderlineStyle() : 0,
  c.isUnderline() && !c.isUnderlineColorDefault()
    ? color(c.isUnderlineColorRGB(), c.isUnderlineColorPalette(), c.getUnderlineColor())
    : '',
];

function color(rgb, palette, n) {
  if (rgb) return '#' + n.toString(16).padStart(6, '0');
  return palette ? String(n) : '';
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (!process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n')) {
      await new Promise((done) => process.stdout.once('drain', done));
    }
  }
}

main();
