// Makes of dprint's JSON plugin one that the daemon can call by its ABI "bytes", so that a real plugin of half a MiB
// can be measured through the socket: adds two functions and three exports to the module. node callable.js IN OUT
// See https://webassembly.github.io/spec/core/binary/modules.html#sections
const fs = require('fs');

const CONFIG = '{"plugin":{},"global":{}}';
const PATH = 'one.json';
const CONFIG_ID = 1;
const HEADER = 8;
const [TYPE, FUNCTION, EXPORT, CODE] = [1, 3, 7, 10];

const [, , from, to] = process.argv;
const wasm = fs.readFileSync(from);

function unsigned(number) {
  return number < 128 ? [number] : [(number & 127) | 128, ...unsigned(number >>> 7)];
}

// Reads an unsigned number at a position; says where the next one starts.
function readUnsigned(at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = wasm[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) {
      return { value, next: at };
    }
  }
}

function sections() {
  const all = [];
  for (let at = HEADER; at < wasm.length;) {
    const length = readUnsigned(at + 1);
    const end = length.next + length.value;
    const count = readUnsigned(length.next);
    const entries = wasm.subarray(count.next, end);
    all.push({ id: wasm[at], count: count.value, entries, whole: wasm.subarray(at, end) });
    at = end;
  }
  return all;
}

// The module imports nothing, so functions are counted from its first own one.
const exported = Object.fromEntries(
  WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(({ name }) => [name, indexOf(name)]),
);

function indexOf(name) {
  const entry = wasm.indexOf(Buffer.from([name.length, ...Buffer.from(name)]));
  return readUnsigned(entry + name.length + 2).value;
}

const call = (name) => [0x10, ...unsigned(exported[name])];
const constant = (number) => [0x41, number]; // i32.const of less than 64
const withLength = (bytes) => [...unsigned(bytes.length), ...bytes];
const body = (...code) => withLength([...code.flat(), 0x0b]);
const entry = (name, index) => [...withLength([...Buffer.from(name)]), 0, ...unsigned(index)];

// Puts a text into the shared bytes, whose address stays in local 0.
const put = (text) => [
  ...constant(text.length), ...call('clear_shared_bytes'), 0x21, 0,
  // local.get 0, i32.const in two bytes, i32.store8
  ...[...Buffer.from(text)].flatMap((byte, at) => [0x20, 0, 0x41, byte | 128, 0, 0x3a, 0, at]),
];

// Hands over the configuration and a file's name; the state that this leaves is where each call starts.
const initialize = body(
  [1, 1, 0x7f], // one local, an i32
  put(CONFIG), constant(CONFIG_ID), call('register_config'),
  put(PATH), call('set_file_path'),
);

// Formats what lies in the shared bytes, which are what plugin_alloc gave.
const handle = body(
  [0],
  constant(CONFIG_ID), call('format'),
  [0x41, 1, 0x47, 0x04, 0x40, 0x00, 0x0b], // if that is not 1, "changed": unreachable
  call('get_formatted_text'), [0x21, 1],
  call('get_shared_bytes_ptr'), [0xad, 0x42, 32, 0x86], // i64.extend_i32_u, i64.const 32, i64.shl
  [0x20, 1, 0xad, 0x84], // local.get 1, i64.extend_i32_u, i64.or
);

const all = sections();
const types = all.find(({ id }) => id === TYPE).count;
const functions = all.find(({ id }) => id === FUNCTION).count;
const added = {
  [TYPE]: [[0x60, 0, 0], [0x60, 2, 0x7f, 0x7f, 1, 0x7e]], // () -> (), (i32, i32) -> i64
  [FUNCTION]: [unsigned(types), unsigned(types + 1)],
  [EXPORT]: [
    entry('plugin_alloc', exported.clear_shared_bytes), entry('_initialize', functions), entry('handle', functions + 1),
  ],
  [CODE]: [initialize, handle],
};
const out = all.map(({ id, count, entries, whole }) => {
  if (!added[id]) {
    return whole;
  }
  const start = unsigned(count + added[id].length);
  const rest = added[id].flat();
  return Buffer.from([id, ...unsigned(start.length + entries.length + rest.length), ...start, ...entries, ...rest]);
});
fs.writeFileSync(to, Buffer.concat([wasm.subarray(0, HEADER), ...out]));
