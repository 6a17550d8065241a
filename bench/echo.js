// The peer: a Node server that sends back what it gets.
const net = require('net');
const path = process.argv[2];
net.createServer((socket) => {
  socket.on('data', (data) => socket.write(data));
  socket.on('error', () => socket.destroy());
}).listen(path, () => console.log('ready: ' + path));
