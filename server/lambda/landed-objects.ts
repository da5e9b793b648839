import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import { z } from "zod";

import { clientSettings } from "@/server/aws/client-settings";
import { EnvError, env } from "@/server/env";
import { log } from "@/server/log";
import { triggerIncrement } from "@/server/schedules/trigger-increment";

import { type IncrementRequest, putOffMessage, readIncrementMessage } from "./increment-message";
import type { LambdaHandler } from "./lambda-context";
import { looksOf } from "./looks-of";
import { openRunContext } from "./open-run-context";

/** A tenant with a run that is not over is asked for again after this long, s. */
const PUT_OFF_SECONDS = 30;
/** Half an hour; by then the tenant's schedule has looked. */
const MOST_PUT_OFF = 60;

const Batch = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
});

/** Messages that SQS is to deliver again; after some deliveries they are dead letters. */
export interface BatchResult {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Called by SQS with the objects that landed in the last seconds: one increment for each tenant among them, however many its
 * objects are. Where the tenant has a run that is not over, one message asks again a little later, so that what that run came
 * too early for does not wait for the schedule.
 */
export const handler: LambdaHandler<BatchResult> = async (event) => {
  const { Records } = Batch.parse(event);
  const failed: string[] = [];
  const asked = new Map<string, { request: IncrementRequest; messageIds: string[] }>();
  for (const { messageId, body } of Records) {
    try {
      const request = readIncrementMessage(body);
      if (request === undefined) continue;
      const before = asked.get(request.tenantId);
      const putOff = Math.min(request.putOff, before?.request.putOff ?? Number.POSITIVE_INFINITY);
      asked.set(request.tenantId, {
        request: { ...request, putOff },
        messageIds: [...(before?.messageIds ?? []), messageId],
      });
    } catch (error) {
      log().error({ error, message: messageId }, "a message that asks for no increment");
      failed.push(messageId);
    }
  }
  for (const { request, messageIds } of asked.values()) {
    if (!(await isDealtWith(request))) failed.push(...messageIds);
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
};

async function isDealtWith(request: IncrementRequest): Promise<boolean> {
  const { tenantId, putOff } = request;
  try {
    const context = await openRunContext();
    const end = await triggerIncrement(context, tenantId, { kind: "event" }, looksOf(context));
    log().info({ tenant: tenantId, ...end }, "objects of a tenant landed");
    if (end.outcome === "busy" && putOff < MOST_PUT_OFF) await sendLater(putOffMessage(request));
    return end.outcome !== "failed";
  } catch (error) {
    log().error({ error, tenant: tenantId }, "an increment could not be started");
    return false;
  }
}

let client: SQSClient | undefined;

async function sendLater(message: string): Promise<void> {
  const { INCREMENTS_QUEUE_URL: queue } = env();
  if (queue === undefined) throw new EnvError(["INCREMENTS_QUEUE_URL: is needed by this function"]);
  client ??= new SQSClient(clientSettings());
  await client.send(
    new SendMessageCommand({
      QueueUrl: queue,
      MessageBody: message,
      DelaySeconds: PUT_OFF_SECONDS,
    }),
  );
}
