import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A disk of a few megabytes, which only root can make. */
export class SmallDisk {
  private constructor(readonly directory: string) {}

  /** @returns undefined where this process may not mount one */
  static make(megabytes: number): SmallDisk | undefined {
    const directory = mkdtempSync(path.join(tmpdir(), "avesa-disk-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", directory], {
        stdio: "ignore",
      });
      return new SmallDisk(directory);
    } catch {
      // Not root, or a container without the right to mount.
      rmSync(directory, { recursive: true });
      return undefined;
    }
  }

  /** Takes up all but so much of it. */
  fill(leave: number): void {
    const { bavail, bsize } = statfsSync(this.directory);
    writeFileSync(this.#filler, Buffer.alloc(Math.max(bavail * bsize - leave, 0), 1));
  }

  empty(): void {
    rmSync(this.#filler, { force: true });
  }

  get #filler(): string {
    return path.join(this.directory, "filler");
  }

  remove(): void {
    execFileSync("umount", ["-l", this.directory]);
    rmSync(this.directory, { recursive: true });
  }
}
