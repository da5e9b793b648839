import type { IconName } from "@/components/ui/icon";
import { truncateId } from "@/lib/format";

/** The pages of the console that the nav leads to. */
export interface Place {
  id: "fleet" | "tenants" | "runs" | "dlq" | "audit" | "settings";
  href: string;
  label: string;
  icon: IconName;
  /** After `g`. */
  key: string;
  /** Places under a heading of their own. */
  section: "main" | "record";
}

export const PLACES: readonly Place[] = [
  { id: "fleet", href: "/", label: "Fleet", icon: "grid", key: "f", section: "main" },
  {
    id: "tenants",
    href: "/tenants",
    label: "Tenants",
    icon: "building",
    key: "t",
    section: "main",
  },
  { id: "runs", href: "/runs", label: "Runs", icon: "activity", key: "r", section: "main" },
  { id: "dlq", href: "/dlq", label: "Dead letters", icon: "inbox", key: "d", section: "main" },
  { id: "audit", href: "/audit", label: "Audit", icon: "scroll", key: "a", section: "record" },
  {
    id: "settings",
    href: "/settings",
    label: "Settings",
    icon: "settings",
    key: "s",
    section: "record",
  },
];

/** Which place an address belongs to. A tenant's pages belong to Tenants. */
export function placeOf(pathname: string): Place["id"] | null {
  if (pathname === "/") return "fleet";
  if (pathname.startsWith("/t/")) return "tenants";
  return (
    PLACES.find(
      (place) =>
        place.href !== "/" && (pathname === place.href || pathname.startsWith(`${place.href}/`)),
    )?.id ?? null
  );
}

/** The tenant in an address, or null: `/t/{tenant}/…` or `?tenant=`. */
export function tenantOf(pathname: string, tenantParam: string | null): string | null {
  const match = /^\/t\/([^/]+)/.exec(pathname);
  if (match?.[1] !== undefined) return decodeURIComponent(match[1]);
  return tenantParam === "" ? null : tenantParam;
}

/**
 * Where a change of scope leads. Lists keep their page and take the tenant as a filter; elsewhere the tenant's own page, or the fleet, is shown.
 * @param tenantId null for all tenants
 */
export function scopeHref(pathname: string, tenantId: string | null): string {
  const list = ["/runs", "/dlq", "/audit"].find((path) => pathname === path);
  if (list !== undefined)
    return tenantId === null ? list : `${list}?tenant=${encodeURIComponent(tenantId)}`;
  return tenantId === null ? "/" : `/t/${encodeURIComponent(tenantId)}`;
}

export interface Crumb {
  label: string;
  /** Where it leads; the last one leads nowhere, one is there. */
  href?: string | undefined;
  mono?: boolean | undefined;
}

/**
 * The crumbs of an address, after the scope. The fleet has none: the scope says it all.
 * @param last what the page calls itself, in place of the id in the address
 */
export function crumbsOf(pathname: string, last: string | null): Crumb[] {
  const parts = pathname
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const [first, second, third, ...rest] = parts;
  if (first === undefined) return [];
  const named = (id: string): Crumb =>
    last === null ? { label: truncateId(id), mono: true } : { label: last };
  if (first === "t" && second !== undefined) {
    const home = `/t/${encodeURIComponent(second)}`;
    if (third === undefined) return [{ label: "Overview" }];
    if ((third === "entities" || third === "tables") && rest[0] !== undefined) {
      const [table, id] = rest;
      if (id === undefined) return [{ label: table }];
      return [{ label: table, href: `${home}/${third}/${encodeURIComponent(table)}` }, named(id)];
    }
    return [{ label: last ?? titleOf(third) }];
  }
  const place = PLACES.find((candidate) => candidate.href === `/${first}`);
  const head: Crumb = { label: place?.label ?? titleOf(first), href: `/${first}` };
  const id = parts.length > 1 ? parts.at(-1) : undefined;
  if (id === undefined) return [{ label: head.label }];
  return [head, id === "new" ? { label: "New" } : named(id)];
}

/** The page above an address, for Escape; null where there is none. */
export function parentOf(pathname: string): string | null {
  const parts = pathname.split("/").filter((part) => part !== "");
  if (parts.length === 0) return null;
  if (parts[0] === "t") {
    if (parts.length <= 2) return "/tenants";
    return `/t/${parts[1] ?? ""}`;
  }
  return parts.length === 1 ? "/" : `/${parts[0] ?? ""}`;
}

function titleOf(part: string): string {
  return part.charAt(0).toUpperCase() + part.slice(1).replaceAll("-", " ");
}
