import { Page } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { SkeletonRows } from "@/components/ui/skeleton";

/** A page whose first data is on its way: its head stands, rows are blocks. */
export function PageLoading({ title, rows = 16 }: { title: string; rows?: number }) {
  return (
    <Page>
      <PageHead title={title} />
      <SkeletonRows rows={rows} label={`Reading: ${title}`} />
    </Page>
  );
}
