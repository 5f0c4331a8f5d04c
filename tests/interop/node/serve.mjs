// A peer's life: one JSON request a line on standard input, one JSON answer a line on standard output.
//
// Each operation prepares what a long-lived process would keep (keys, suites, loader) and returns the act itself.
// `measure` repeats the act of another request and answers the CPU time, in milliseconds, of each run.

import readline from 'node:readline';

export async function serve(operations) {
  const all = {
    ...operations,
    async measure({request, runs}) {
      const act = await operations[request.op](request);
      return async () => {
        const times = [];
        for(let run = 0; run < runs; ++run) {
          const before = process.cpuUsage();
          await act();
          const {user, system} = process.cpuUsage(before);
          times.push((user + system) / 1000);
        }
        return times;
      };
    }
  };
  for await (const line of readline.createInterface({input: process.stdin, crlfDelay: Infinity})) {
    const request = JSON.parse(line);
    let answer;
    try {
      const act = await all[request.op](request);
      answer = {result: await act()};
    } catch(error) {
      answer = {error: sentenceOf(error)};
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
}

function sentenceOf(error) {
  const reasons = error.errors ?? (error.cause ? [error.cause] : []);
  return [error.message, ...reasons.map(sentenceOf)].join(' | ');
}
