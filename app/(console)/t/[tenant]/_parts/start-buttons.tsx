"use client";

import { useRouter } from "next/navigation";
import { useMemo, useState, useTransition } from "react";
import { startRunAction } from "@/app/(console)/actions/runs";
import { type Command, usePaletteCommands } from "@/components/shell/commands";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Facts } from "@/components/ui/facts";
import { showToast } from "@/components/ui/toast";
import type { Problem } from "@/lib/contracts/problem";
import type { LoadMode } from "@/lib/contracts/values";

const INCREMENTS: readonly Omit<Command, "group">[] = [
  { id: "start-increment", label: "Start increment", icon: "play", hint: "starts a run" },
  { id: "plan-increment", label: "Plan increment", icon: "stamp", hint: "publishes nothing" },
];
const BULK: Omit<Command, "group"> = {
  id: "bulk-load",
  label: "Bulk load…",
  icon: "database",
  hint: "asks first",
};

/**
 * Starts an increment, or after a question a bulk load. The buttons say why they cannot be used; the server decides.
 * @param neverLoaded makes the bulk load the main button and the increment wait for it
 */
export function StartButtons({
  tenantId,
  tenantName,
  whyNotIncrement,
  whyNotBulk,
  neverLoaded,
  tables,
  onProblem,
}: {
  tenantId: string;
  tenantName: string;
  whyNotIncrement: string | null;
  whyNotBulk: string | null;
  neverLoaded: boolean;
  tables: readonly string[];
  onProblem: (problem: Problem | null) => void;
}) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const [starting, setStarting] = useState<LoadMode | "plan" | null>(null);
  const [busy, start] = useTransition();

  const run = (mode: LoadMode, plan = false): void => {
    setStarting(plan ? "plan" : mode);
    onProblem(null);
    start(async () => {
      const result = await startRunAction(tenantId, mode, undefined, plan);
      setAsking(false);
      if (!result.ok) {
        onProblem(result.problem);
        return;
      }
      const href = `/runs/${encodeURIComponent(result.value.runId)}`;
      showToast({
        text: `${mode === "bulk" ? "Bulk load" : "Increment"} ${plan ? "planned" : "started"} for ${tenantName}`,
        link: { href, label: "Open run" },
      });
      router.push(href);
    });
  };

  const mayIncrement = whyNotIncrement === null && !neverLoaded;
  const commands = useMemo(
    () =>
      [...(mayIncrement ? INCREMENTS : []), ...(whyNotBulk === null ? [BULK] : [])].map(
        (command): Command => ({ ...command, group: "Do", keywords: [tenantName, tenantId] }),
      ),
    [mayIncrement, whyNotBulk, tenantName, tenantId],
  );
  usePaletteCommands(commands, (id) => {
    if (id === BULK.id) setAsking(true);
    else run("incremental", id === "plan-increment");
  });

  return (
    <>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={
          neverLoaded
            ? `Load ${tenantName} for the first time`
            : `Rebuild the history of ${tenantName}`
        }
        consequence={
          neverLoaded
            ? "A bulk load reads every object in the store and builds the history from them. Nothing is visible until it is complete."
            : "A bulk load rebuilds the history from the store: every object is read again, and what the store no longer holds goes. It stops before it publishes and shows what would change; readers see the old history until somebody applies that."
        }
        actions={
          <>
            <DialogClose render={<Button>Keep it as it is</Button>} />
            {neverLoaded && (
              <Button
                busy={busy && starting === "plan"}
                busyLabel="Starting…"
                onClick={() => run("bulk", true)}
              >
                Plan first
              </Button>
            )}
            <Button
              kind="main"
              busy={busy && starting === "bulk"}
              busyLabel="Starting…"
              onClick={() => run("bulk")}
            >
              {neverLoaded ? "Start bulk load" : "Plan bulk load"}
            </Button>
          </>
        }
      >
        <Facts
          facts={[
            { name: "tenant", value: tenantId, mono: true },
            { name: "tables", value: tables.join(", ") },
          ]}
        />
      </Dialog>
      <Button
        kind={neverLoaded ? "main" : "plain"}
        onClick={() => setAsking(true)}
        offReason={whyNotBulk ?? undefined}
      >
        Bulk load
      </Button>
      {!neverLoaded && (
        <Button
          onClick={() => run("incremental", true)}
          offReason={whyNotIncrement ?? undefined}
          busy={busy && starting === "plan"}
          busyLabel="Starting…"
        >
          Plan increment
        </Button>
      )}
      <Button
        kind={neverLoaded ? "plain" : "main"}
        icon="play"
        onClick={() => run("incremental")}
        offReason={whyNotIncrement ?? (neverLoaded ? "after the bulk load" : undefined)}
        busy={busy && starting === "incremental"}
        busyLabel="Starting…"
      >
        Start increment
      </Button>
    </>
  );
}
