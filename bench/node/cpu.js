// The CPU time of work that runs again and again.
exports.leastMillis = (seconds, work) => {
  let least = Infinity;
  const end = Date.now() + 1000 * seconds;
  for (let runs = 0; runs < 3 || Date.now() < end; runs++) {
    const start = process.cpuUsage();
    work();
    const used = process.cpuUsage(start);
    least = Math.min(least, (used.user + used.system) / 1000);
  }
  return least;
};
