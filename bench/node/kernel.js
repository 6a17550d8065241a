// The least CPU time of a kernel in V8, and its result: node kernel.js MODULE SIZE SECONDS
const fs = require('fs');
const { leastMillis } = require('./cpu.js');

const [, , file, size, seconds] = process.argv;
const { run } = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(file))).exports;
let result;
console.log('ms', leastMillis(seconds, () => { result = run(Number(size)); }));
console.log('result', result >>> 0);
