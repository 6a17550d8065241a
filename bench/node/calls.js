// What it costs to cross the border of a guest in V8, and to make an instance: node calls.js MODULE SECONDS
const fs = require('fs');
const { leastMillis } = require('./cpu.js');

const CALLS = 200000;
const INSTANCES = 200;
const [, , file, seconds] = process.argv;
const module_ = new WebAssembly.Module(fs.readFileSync(file));
const imports = { bench: { next: (value) => value + 1 } };
const { add, call_host: callHost } = new WebAssembly.Instance(module_, imports).exports;

const nanos = (work) => (leastMillis(seconds, work) / CALLS) * 1e6;
console.log('add', nanos(() => {
  let sum = 0;
  for (let i = 0; i < CALLS; i++) {
    sum = add(sum ^ i, 1);
  }
}));
console.log('host', nanos(() => callHost(CALLS)));
console.log('instance', (leastMillis(seconds, () => {
  for (let i = 0; i < INSTANCES; i++) {
    new WebAssembly.Instance(module_, imports).exports.empty();
  }
}) / INSTANCES) * 1000);
