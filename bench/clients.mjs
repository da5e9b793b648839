// Many clients of the console's API in a process of their own: reads a job as JSON from its input, writes what it saw as JSON.
// Each client keeps one connection and asks for one address after another.
import { Agent, get } from "node:http";
import { text } from "node:stream/consumers";

const { url, cookie, paths, clients, seconds } = JSON.parse(await text(process.stdin));
const agent = new Agent({ keepAlive: true, maxSockets: clients });
const headers = { cookie };

/** @param {string} path @returns {Promise<number>} the status; 0 where there was no answer */
function ask(path) {
  return new Promise((resolve) => {
    get(new URL(path, url), { agent, headers }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
      answer.once("error", () => resolve(0));
    }).once("error", () => resolve(0));
  });
}

const times = [];
const failures = {};
const end = performance.now() + seconds * 1000;

/** @param {number} client */
async function run(client) {
  // Not the same address at the same time.
  for (let nth = client * 7; performance.now() < end; nth++) {
    const start = performance.now();
    const status = await ask(paths[nth % paths.length]);
    times.push(performance.now() - start);
    if (status !== 200) failures[status] = (failures[status] ?? 0) + 1;
  }
}

const start = performance.now();
await Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
const took = (performance.now() - start) / 1000;
agent.destroy();
times.sort((a, b) => a - b);
const share = (part) => times[Math.max(0, Math.ceil(times.length * part) - 1)] ?? null;
process.stdout.write(
  JSON.stringify({
    requests: times.length,
    failures,
    seconds: took,
    p50Ms: share(0.5),
    p99Ms: share(0.99),
  }),
);
