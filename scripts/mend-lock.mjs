// Run after every `npm install` that changes the lock file.
//
// npm leaves optional platform packages out of the lock when the registry answers 404 for them, and
// `npm ci` then refuses that lock ("Missing … from lock file"). This puts an entry without an address
// back for each of them, so that `npm ci` passes and skips the package on other platforms.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const platform =
  /(darwin|linuxmusl|linux|win32|freebsd|android|openharmony|wasm32)-(x64|arm64|arm-|arm$|ia32|ppc64|riscv64|s390x|wasi)/;
const added = [];

for (const [holder, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    const match = platform.exec(name);
    const isExact = /^\d/.test(version);
    if (lock.packages[path] || lock.packages[`${holder}/${path}`] || !match || !isExact) continue;
    const libc = /gnu/.test(name) ? ["glibc"] : /musl/.test(name) ? ["musl"] : undefined;
    lock.packages[path] = {
      version,
      optional: true,
      ...(match[1] === "wasm32"
        ? { cpu: ["wasm32"] }
        : { cpu: [match[2].replace("-", "")], os: [match[1].replace("musl", "")] }),
      ...(libc && { libc }),
    };
    added.push(`${name}@${version}`);
  }
}

lock.packages = Object.fromEntries(
  Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length > 0 ? `added ${added.join(", ")}` : "nothing was missing");
