import { Tabs } from "@/components/ui/tabs";

/** The parts of a tenant. Counts are shown where the page knows them. */
export function TenantTabs({
  tenantId,
  current,
  tables,
  runs,
  deadLetters,
  firstTable = "companies",
}: {
  tenantId: string;
  current: "tables" | "settings";
  tables?: number | undefined;
  runs?: number | undefined;
  deadLetters?: number | undefined;
  /** The table whose records the tab opens. */
  firstTable?: string | undefined;
}) {
  const home = `/t/${encodeURIComponent(tenantId)}`;
  const of = encodeURIComponent(tenantId);
  return (
    <Tabs
      label="Tenant"
      tabs={[
        { href: home, label: "Tables", count: tables, current: current === "tables" },
        { href: `/runs?tenant=${of}`, label: "Runs", count: runs, current: false },
        { href: `/dlq?tenant=${of}`, label: "Dead letters", count: deadLetters, current: false },
        { href: `${home}/entities/${firstTable}`, label: "Records", current: false },
        { href: `${home}/settings`, label: "Settings", current: current === "settings" },
      ]}
    />
  );
}
