/** What is wrong with a store as a whole. */
export type StoreTrouble =
  | "bad-settings"
  | "no-credentials"
  | "unknown-key"
  | "wrong-secret"
  | "expired"
  | "denied"
  | "wrong-region"
  | "no-bucket"
  | "wrong-clock"
  | "unreachable"
  | "busy"
  | "broken-answer"
  | "no-such-range"
  | "unexpected";

/**
 * The store itself cannot be used, whatever the object. `message` is for the person who runs the product: what is wrong and
 * what to do. It holds no secret, and the error keeps nothing of the answer it came from: that can quote a session token.
 */
export class StoreError extends Error {
  constructor(
    readonly trouble: StoreTrouble,
    message: string,
    /** Whether the same request can succeed later without anybody's doing. */
    readonly transient: boolean = false,
  ) {
    super(message);
    this.name = "StoreError";
  }
}
