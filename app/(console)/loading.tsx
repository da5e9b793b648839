import { PageLoading } from "./_parts/page-loading";

export default function Loading() {
  return <PageLoading title="Fleet" rows={24} />;
}
