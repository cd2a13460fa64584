// The four kinds of failure the whole product knows.

/** Retryable: the same call may succeed later. Poison: park this record. Fatal: stop, a person must act. Aborted: not an error. */
export type FailureKind = 'retryable' | 'poison' | 'fatal' | 'aborted';

/** What the user is told about a code. */
export interface ErrorCodeEntry {
  readonly kind: FailureKind;
  readonly cause: string;
  readonly remedy: string;
}
