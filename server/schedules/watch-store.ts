import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";

import { NOT_AN_OBJECT } from "@/server/canonical/canonical-store";
import { TENANT_ID } from "@/server/canonical/object-key";

export interface StoreWatch {
  /** Resolves when every directory there is is watched. */
  readonly ready: Promise<void>;
  close(): void;
}

/**
 * Watches a store's directory: one watch a directory, none a file, so that a tenant with a hundred thousand objects costs no
 * more than one with ten. A complete extract changes no more and its directory is not watched.
 *
 * @param root the store; it may not exist yet, and is then looked for at `ready` only
 * @param landed called with the tenant when an object, or an extract's `_SUCCESS`, is there under its final name
 * @param failed called once when watching is not possible, with the reason in words; nothing is watched from then on
 */
export function watchStore(
  root: string,
  landed: (tenantId: string) => void,
  failed: (reason: string) => void,
): StoreWatch {
  const watchers = new Map<string, FSWatcher>();
  let isClosed = false;

  const close = (): void => {
    isClosed = true;
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
  };

  const unwatch = (directory: string): void => {
    watchers.get(directory)?.close();
    watchers.delete(directory);
  };

  const giveUp = (error: unknown): void => {
    if (isClosed) return;
    close();
    failed(reasonOf(error));
  };

  /** The directory and what is below it, as far as objects can lie there. */
  const open = async (directory: string): Promise<void> => {
    const parts = partsOf(root, directory);
    if (isClosed || watchers.has(directory) || !isOfStore(parts)) return;
    try {
      const watcher = watch(directory, (_event, name) => {
        void changed(directory, name).catch(giveUp);
      });
      watcher.on("error", (error) => {
        if (isGone(error)) unwatch(directory);
        else giveUp(error);
      });
      watchers.set(directory, watcher);
      const entries = await readdir(directory, { withFileTypes: true });
      if (isExtract(parts) && entries.some((entry) => entry.name === "_SUCCESS")) {
        unwatch(directory);
        return;
      }
      for (const entry of entries) {
        if (entry.isDirectory()) await open(path.join(directory, entry.name));
      }
    } catch (error) {
      if (!isGone(error)) throw error;
      unwatch(directory);
    }
  };

  const changed = async (directory: string, name: string | null): Promise<void> => {
    const [tenantId] = partsOf(root, directory);
    if (isClosed) return;
    if (name === null) {
      if (tenantId !== undefined) landed(tenantId);
      return;
    }
    if (NOT_AN_OBJECT.test(name)) return;
    const full = path.join(directory, name);
    const stats = await stat(full).catch((error: unknown) => {
      if (isGone(error)) return undefined;
      throw error;
    });
    if (stats === undefined) {
      unwatch(full);
    } else if (stats.isDirectory()) {
      await open(full);
      // Objects may have come with it, or before it was watched.
      const owner = tenantId ?? name;
      if (TENANT_ID.test(owner)) landed(owner);
    } else if (tenantId !== undefined && partsOf(root, directory).length >= 3) {
      if (name === "_SUCCESS") unwatch(directory);
      landed(tenantId);
    }
  };

  const ready = open(root).catch(giveUp);
  return { ready, close };
}

function partsOf(root: string, directory: string): string[] {
  return path
    .relative(root, directory)
    .split(path.sep)
    .filter((part) => part !== "");
}

/** `{tenant}/canonical/…`, down to an extract's folder. */
function isOfStore([tenantId, canonical, ...rest]: readonly string[]): boolean {
  if (tenantId === undefined) return true;
  if (!TENANT_ID.test(tenantId)) return false;
  if (canonical !== undefined && canonical !== "canonical") return false;
  return rest.length <= 4 && !rest.some((part) => NOT_AN_OBJECT.test(part));
}

function isExtract([, , , full, stamp]: readonly string[]): boolean {
  return full === "full" && stamp !== undefined;
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOSPC")
    return "the system allows no more watched directories (raise fs.inotify.max_user_watches)";
  if (code === "EMFILE" || code === "ENFILE")
    return "the system allows no more open files or watches (raise fs.inotify.max_user_instances or the limit of open files)";
  if (code === "EACCES" || code === "EPERM") return "a directory of the store may not be read";
  return code === undefined ? "the reason is in the log" : `the system says ${code}`;
}
