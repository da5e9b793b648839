/** Closes a `switch` over a union: the compiler refuses it while a member is not handled. Throws if one comes from outside all the same. */
export function assertNever(value: never): never {
  throw new Error(`A value outside the vocabulary: ${String(value)}`);
}
