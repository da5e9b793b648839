/** Whether a store's address names another place than a directory of this machine. */
export function isRemote(address: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(address);
}
