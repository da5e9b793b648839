/** What Lambda tells a function of its call, as far as it is used. */
export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** A function of Lambda: takes the state's Parameters, gives what the state machine goes on with. */
export type LambdaHandler<Output> = (event: unknown, context: LambdaContext) => Promise<Output>;
