import "server-only";
import type { StreamMessage } from "@/lib/contracts/stream";
import { log } from "@/server/log";
import { changedTopics, type Marks, readMarks } from "./change-marks";
import { countInBackground } from "./count-in-background";

const POLL_MS = 1_000;
/** What a reader who was away for two minutes can still catch up with, message by message. */
const KEPT = 120;

export interface Sent {
  readonly id: number;
  readonly message: StreamMessage;
}

type Listener = (sent: Sent) => void;

/**
 * Looks once a second, while anybody listens, for what changed, and tells every listener. One for the process, however many
 * browsers are connected.
 */
class Broadcaster {
  readonly #listeners = new Set<Listener>();
  #kept: Sent[] = [];
  #marks: Marks | undefined;
  #timer: NodeJS.Timeout | undefined;
  #answers = true;
  #lastId = 0;

  /** The newest message's id; a listener that joins now has seen everything up to it. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Calls the listener with each message from now on; returns how to stop that. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) this.#schedule(0);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      // Nobody looked meanwhile: what was kept is no longer complete.
      this.#marks = undefined;
      this.#kept = [];
    };
  }

  /** What a reader has missed since the message it saw last, as one message; undefined where that is not known. */
  since(id: number): readonly string[] | undefined {
    const [oldest] = this.#kept;
    if (id > this.#lastId || oldest === undefined || id < oldest.id - 1) return undefined;
    return [
      ...new Set(this.#kept.filter((sent) => sent.id > id).flatMap((sent) => sent.message.topics)),
    ];
  }

  #schedule(delay: number): void {
    this.#timer = setTimeout(() => void this.#look(), delay);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    try {
      const marks = await readMarks();
      const before = this.#marks;
      this.#marks = marks;
      if (marks.get("dlq") !== before?.get("dlq")) countInBackground();
      const returned = !this.#answers;
      this.#answers = true;
      const topics = returned ? ["all"] : before === undefined ? [] : changedTopics(before, marks);
      if (topics.length > 0) this.#send(topics);
    } catch (error) {
      if (this.#answers) {
        log().warn({ err: error }, "live updates wait for ClickHouse");
        this.#answers = false;
        this.#send([]);
      }
    }
    if (this.#listeners.size > 0) this.#schedule(POLL_MS);
  }

  #send(topics: string[]): void {
    // Ids rise over restarts too, so that a browser never takes an old process's id for one of ours.
    this.#lastId = Math.max(this.#lastId + 1, Date.now());
    const sent = {
      id: this.#lastId,
      message: { topics, storeAnswers: this.#answers, at: new Date().toISOString() },
    };
    this.#kept = [...this.#kept.slice(1 - KEPT), sent];
    for (const listener of this.#listeners) listener(sent);
  }
}

// Next gives route handlers and pages a copy of this module each; the process looks once a second in all.
const holder = globalThis as typeof globalThis & { __avesaBroadcaster?: Broadcaster };

/** The process's broadcaster. */
export function broadcaster(): Broadcaster {
  holder.__avesaBroadcaster ??= new Broadcaster();
  return holder.__avesaBroadcaster;
}
