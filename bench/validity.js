// Reads modules from standard input, each behind its length in four bytes.
// Writes 1 for each that V8 finds valid, else 0.
const fs = require('fs');

function read(length) {
  const bytes = Buffer.alloc(length);
  let have = 0;
  while (have < length) {
    const more = fs.readSync(0, bytes, have, length - have, null);
    if (more === 0) process.exit(have === 0 ? 0 : 1);
    have += more;
  }
  return bytes;
}

for (;;) {
  const module = read(read(4).readUInt32BE());
  fs.writeSync(1, WebAssembly.validate(module) ? '1' : '0');
}
