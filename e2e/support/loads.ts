import { expect, type Page } from "@playwright/test";

const OPEN = ["queued", "running", "retrying", "stalled"];

/** Starts a run as the person signed in on the page, by the API, and waits until it is over. Returns its id and how it ended. */
export async function runToTheEnd(
  page: Page,
  tenantId: string,
  mode: "bulk" | "incremental",
): Promise<{ runId: string; status: string }> {
  const started = await page.request.post(`/api/v1/tenants/${tenantId}/runs`, { data: { mode } });
  expect(started.status(), await started.text()).toBeLessThan(300);
  const { runId } = (await started.json()) as { runId: string };
  return { runId, status: await endOf(page, runId) };
}

/** Waits until a run is over and says how it ended. */
export async function endOf(page: Page, runId: string): Promise<string> {
  let status = "";
  await expect
    .poll(
      async () => {
        const reply = await page.request.get(`/api/v1/runs/${runId}`);
        // A console that is busy says so, and is asked again.
        if (!reply.ok()) return true;
        status = ((await reply.json()) as { run: { status: string } }).run.status;
        return OPEN.includes(status);
      },
      { message: `run ${runId} ends`, timeout: 90_000, intervals: [500] },
    )
    .toBe(false);
  return status;
}

/** Makes sure that a demo tenant has been loaded. */
export async function ensureLoaded(page: Page, tenantId: string): Promise<void> {
  const reply = await page.request.get(`/api/v1/tenants/${tenantId}`);
  const { tenant } = (await reply.json()) as { tenant: { rows: number } };
  if (tenant.rows === 0) await runToTheEnd(page, tenantId, "bulk");
}
