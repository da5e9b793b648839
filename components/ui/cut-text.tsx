import { CopyButton } from "@/components/ui/copy-button";
import { cn } from "@/lib/cn";
import { truncateId, truncateKey } from "@/lib/format";

/** An id, cut in the middle, whole in its title, with a way to copy it. */
export function CutId({
  id,
  label,
  whole = false,
  className,
}: {
  id: string;
  /** What it is: `run id`. Without it nothing can be copied here. */
  label?: string | undefined;
  whole?: boolean;
  className?: string | undefined;
}) {
  return (
    <span className={cn("inline-flex items-center gap-1 whitespace-nowrap", className)}>
      <span className="type-mono" title={id}>
        {whole ? id : truncateId(id)}
      </span>
      {label !== undefined && <CopyButton text={id} label={`Copy ${label}`} />}
    </span>
  );
}

/** An object key, cut at its start, whole in its title, with a way to copy it. */
export function CutKey({
  objectKey,
  max = 44,
  label,
  className,
}: {
  objectKey: string;
  max?: number;
  label?: string | undefined;
  className?: string | undefined;
}) {
  return (
    <span className={cn("inline-flex min-w-0 items-center gap-1", className)}>
      <span className="type-mono min-w-0 truncate" title={objectKey}>
        {truncateKey(objectKey, max)}
      </span>
      {label !== undefined && <CopyButton text={objectKey} label={`Copy ${label}`} />}
    </span>
  );
}
