import { PageLoading } from "@/app/(console)/_parts/page-loading";

export default function Loading() {
  return <PageLoading title="Fleet" rows={24} />;
}
