// What every check of the simulation throws.

export class Violation extends Error {}

export function check(condition: boolean, what: string | (() => string)): asserts condition {
  if (!condition) throw new Violation(typeof what === 'string' ? what : what());
}
