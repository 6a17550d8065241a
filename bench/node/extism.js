// The peer of the daemon: Extism's own SDK for JavaScript behind a Unix socket, with the daemon's one-line JSON.
// node extism.js SOCKET MODULE
const net = require('net');
const { createPlugin } = require('@extism/extism');

const [, , socket, file] = process.argv;

async function main() {
  // In the server's own thread: a worker would add a round trip between threads to each call.
  const plugin = await createPlugin(file, { useWasi: false, runInWorker: false });
  let last = Promise.resolve();

  async function answer(line) {
    const { action, func, payload } = JSON.parse(line);
    if (action !== 'invoke') {
      return { ok: false, message: 'unknown action', data: null, code: 'unknown_action' };
    }
    const output = await plugin.call(func, payload);
    return { ok: true, message: null, data: { resp: output.text() } };
  }

  net.createServer((connection) => {
    let rest = '';
    connection.setEncoding('utf8');
    connection.on('error', () => connection.destroy());
    connection.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        // One after the other: a plugin of this SDK takes one call at a time.
        last = last.then(() => answer(line))
          .catch((failure) => ({ ok: false, message: String(failure), data: null, code: 'plugin_error' }))
          .then((reply) => connection.write(`${JSON.stringify(reply)}\n`));
      }
    });
  }).listen(socket, 1024, () => console.log(`ready: ${socket}`));
}

main();
