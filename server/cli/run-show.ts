import { readExecutionOperation } from "@/server/pipeline/operations/run-execution";

import { carryOutForVerb } from "./carry-out-for-verb";
import { openForVerb } from "./open-for-verb";
import { UsageError, defineVerb } from "./verb";

export const verb = defineVerb({
  name: "run show",
  summary: "Show how a run was carried out: state, attempts, events, input and output",
  description:
    "The same for runs of this machine and of Step Functions. Each call of a task is a line on standard error; the last line\n" +
    "of standard output is one JSON object with the execution, its calls and its events.",
  arguments: ["RUN"],
  flags: {},
  async run(context) {
    const [runId] = context.positionals;
    if (runId === undefined) throw new UsageError("Name the run, as load printed it.", "run show");
    const db = await openForVerb(context, "avesa run show");
    const shown = await carryOutForVerb(db, readExecutionOperation, { runId });
    const { execution } = shown;
    context.say(
      execution === null
        ? `${shown.orchestrator}: no execution of this run is known.`
        : `${shown.orchestrator}: ${execution.status}${execution.error === "" ? "" : `, ${execution.error}`}`,
    );
    for (const call of shown.calls) {
      const what = `${call.state}${call.tableName === "" ? "" : ` ${call.tableName}`}`;
      const end = call.error === "" ? call.status : `${call.status}: ${call.error}`;
      context.say(`${call.startedAt}  ${what}, attempt ${call.attempt}: ${end}`);
    }
    context.print(JSON.stringify(shown));
    return 0;
  },
});
