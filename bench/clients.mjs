// Many clients of the console's API in a process of their own: reads a job as JSON from its input, writes what it saw as JSON.
// Each client keeps one connection and asks for one address after another. They share the machine with what they measure, so they
// speak HTTP on bare sockets: an answer is read no further than it takes to know its status and its end.
import { connect } from "node:net";
import { text } from "node:stream/consumers";

const { url, cookie, paths, clients, seconds } = JSON.parse(await text(process.stdin));
const { hostname, port, host } = new URL(url);
const requests = paths.map((path) =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: keep-alive\r\n\r\n`,
  ),
);

const END_OF_HEAD = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

/**
 * What is known of an answer that has begun to arrive: its status once the head is there, and whether it is complete.
 *
 * @param {Buffer} bytes
 * @returns {{ status: number, isWhole: boolean } | undefined}
 */
function look(bytes) {
  const head = bytes.indexOf(END_OF_HEAD);
  if (head < 0) return undefined;
  const fields = bytes.latin1Slice(0, head);
  const status = Number(fields.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(fields);
  const start = head + END_OF_HEAD.length;
  if (length !== null) return { status, isWhole: bytes.length >= start + Number(length[1]) };
  return { status, isWhole: isLastChunkThere(bytes, start) };
}

/** Goes from chunk to chunk, for a body may hold what looks like the last one. @param {Buffer} bytes @param {number} from */
function isLastChunkThere(bytes, from) {
  for (let at = from; ;) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return false;
    const size = Number.parseInt(bytes.latin1Slice(at, end), 16);
    if (size === 0) return bytes.length >= end - 1 + LAST_CHUNK.length;
    at = end + 2 + size + 2;
    if (at >= bytes.length) return false;
  }
}

const times = [];
const failures = {};
const end = performance.now() + seconds * 1000;

/** Asks until the time is over; resolves then. @param {number} client @returns {Promise<void>} */
function run(client) {
  return new Promise((resolve) => {
    // Not the same address at the same time.
    let nth = client * 7;
    let began = 0;
    let parts = [];
    let socket;

    const answered = (status) => {
      times.push(performance.now() - began);
      if (status !== 200) failures[status] = (failures[status] ?? 0) + 1;
      parts = [];
    };
    const ask = () => {
      if (performance.now() >= end) {
        socket.removeAllListeners("close");
        socket.destroy();
        resolve();
        return;
      }
      began = performance.now();
      if (socket === undefined || socket.destroyed) open();
      socket.write(requests[nth++ % requests.length]);
    };
    const open = () => {
      socket = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.on("data", (bytes) => {
        parts.push(bytes);
        const seen = look(parts.length === 1 ? bytes : Buffer.concat(parts));
        if (seen?.isWhole !== true) return;
        answered(seen.status);
        ask();
      });
      socket.on("error", () => socket.destroy());
      // Without a whole answer, for there is always one that is waited for.
      socket.on("close", () => {
        answered(0);
        ask();
      });
    };
    open();
    ask();
  });
}

const start = performance.now();
await Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
const took = (performance.now() - start) / 1000;
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
