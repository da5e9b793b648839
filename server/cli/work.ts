import { env } from "@/server/env";

import { openForVerb } from "./open-for-verb";
import { startWork } from "./start-work";
import { defineVerb } from "./verb";

export const verb = defineVerb({
  name: "work",
  summary: "Carry runs out and start increments without the screen, until Ctrl-C",
  description:
    "Starts increments on each tenant's schedule and where objects land, and carries out what is queued. It can run beside\n" +
    "a console or further workers: each run is carried out once, and one process at a time starts increments. Told to stop,\n" +
    "it begins no further batch, lets those at work finish for AVESA_DRAIN_SECONDS, and leaves the rest to the next start.",
  flags: {},
  async run(context) {
    const db = await openForVerb(context, "avesa work");
    const work = startWork(db);
    context.say(
      env().AVESA_SCHEDULES === "on"
        ? "At work: runs are carried out, and increments started. Ctrl-C stops it."
        : "At work: runs are carried out. Ctrl-C stops it.",
    );
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve();
      context.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    context.say("Stopping; batches at work may finish…");
    await work.stop();
    return 0;
  },
});
