// Measures how fast @xterm/headless takes streams; scripts/bench-screen starts it.
//
//     node bench.js COLS ROWS CHUNK ROUNDS SCROLLBACK MILLISECONDS FILE...
//
// Prints a JSON array: for each file the median MB/s over the rounds, in each of which
// the file is written over and over until so much time is gone.
'use strict';

const { readFileSync } = require('node:fs');
const { open, write } = require('./terminal.js');

const [cols, rows, chunk, rounds, scrollback, time] = process.argv.slice(2, 8).map(Number);

// Chunks are queued, as the terminal is meant to be fed, and the last is waited for:
// waiting for each would measure timers.
async function feed(t, data) {
  let last;
  for (let i = 0; i < data.length; i += chunk) last = write(t, data.subarray(i, i + chunk));
  await last;
}

async function measure(data) {
  const t = open({ cols, rows, scrollback });
  await feed(t, data); // once for the compiler
  const speeds = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    let fed = 0;
    let took = 0;
    while (took < time) {
      await feed(t, data);
      fed += data.length;
      took = Number(process.hrtime.bigint() - start) / 1e6;
    }
    speeds.push(fed / 1e3 / took);
  }
  return speeds.sort((a, b) => a - b)[rounds >> 1];
}

async function main() {
  const out = [];
  for (const file of process.argv.slice(8)) out.push(await measure(readFileSync(file)));
  console.log(JSON.stringify(out));
}

main();
