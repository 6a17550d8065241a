// Formats a text with a plugin of dprint in V8: node format.js MODULE FILE SECONDS
const fs = require('fs');
const path = require('path');
const { leastMillis } = require('./cpu.js');

const [, , file, textFile, seconds] = process.argv;
const guest = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(file))).exports;
const source = fs.readFileSync(textFile);

function put(bytes) {
  const address = guest.clear_shared_bytes(bytes.length);
  new Uint8Array(guest.memory.buffer, address, bytes.length).set(bytes);
}

function format() {
  put(Buffer.from(path.basename(textFile)));
  guest.set_file_path();
  put(source);
  const outcome = guest.format(1);
  if (outcome !== 1) {
    throw new Error(`format answered ${outcome}`);
  }
  const length = guest.get_formatted_text();
  return Buffer.from(guest.memory.buffer, guest.get_shared_bytes_ptr(), length);
}

put(Buffer.from('{"plugin":{},"global":{}}'));
guest.register_config(1);
const start = process.cpuUsage();
format();
const used = process.cpuUsage(start);
console.log('first', (used.user + used.system) / 1000);
console.log('ms', leastMillis(seconds, format));
console.log('result', crc32(format()));

function crc32(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    }
  }
  return ~sum >>> 0;
}
