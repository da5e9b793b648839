import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

/** Not found and not allowed look the same: nobody learns here what exists for others. */
export function NothingHere() {
  return (
    <EmptyState
      level={1}
      title="There is nothing at this address"
      sentence="It may have been removed, or it belongs to a tenant that you cannot see. Nothing is wrong with the data."
      actions={
        <ButtonLink kind="main" href="/">
          Go to the fleet
        </ButtonLink>
      }
    />
  );
}
