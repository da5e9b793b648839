import Link from "next/link";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

/** A link in text or at the end of a line: accent, medium weight, underlined on hover and focus. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      {...rest}
      className={cn("font-medium text-accent underline-offset-2 hover:underline", className)}
    />
  );
}
