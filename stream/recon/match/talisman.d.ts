// Types of the one function we use of a library that has none.

declare module 'talisman/metrics/jaro-winkler.js' {
  export function similarity(one: string, other: string): number;
}
