import type { BacklogContext } from "@/server/schedules/backlog";
import { StoreLooks } from "@/server/schedules/store-looks";

const kept = new WeakMap<BacklogContext, StoreLooks>();

/** What calls of one function instance have seen of the store, so that quiet tenants cost a listing only. */
export function looksOf(context: BacklogContext): StoreLooks {
  const looks = kept.get(context) ?? new StoreLooks(context);
  kept.set(context, looks);
  return looks;
}
