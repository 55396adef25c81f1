// Opens the terminal that the other programs here share.
'use strict';

const { Terminal } = require('@xterm/headless');
const { Unicode11Addon } = require('@xterm/addon-unicode11');

// open returns a terminal of that size which counts widths by Unicode 11.
function open({ cols, rows, scrollback }) {
  const t = new Terminal({
    cols,
    rows,
    scrollback,
    reflowCursorLine: true, // the cursor's line is wrapped anew like others
    allowProposedApi: true, // for the widths
  });
  t.loadAddon(new Unicode11Addon());
  t.unicode.activeVersion = '11';
  return t;
}

// write returns when the terminal has taken the bytes.
const write = (t, bytes) => new Promise((done) => t.write(bytes, done));

module.exports = { open, write };
