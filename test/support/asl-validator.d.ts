declare module "asl-validator" {
  /** Holds a state machine against the JSON schemas of the Amazon States Language. It writes into what it is given. */
  export default function validate(definition: unknown): {
    readonly isValid: boolean;
    readonly errorsText: (separator?: string) => string;
  };
}
