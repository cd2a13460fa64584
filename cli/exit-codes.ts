// What the exit code of `ledgerflow` means; every command's help names the ones it uses.

export const EXIT = {
  OK: 0,
  /** The command failed; the last line on standard error says why and what to do. */
  FAILED: 1,
  /** Wrong arguments or settings. */
  USAGE: 2,
  /** The command needs a running LedgerFlow and there is none. */
  NOT_RUNNING: 3,
  /** It runs, but it is not healthy. */
  DEGRADED: 4,
  /** `up` found a LedgerFlow that already runs in the same home folder. */
  ALREADY_RUNNING: 5,
  /** The ledger is not what it was, a balance not what the entries say, or the lake not what MySQL has: an incident, no failure of the command. */
  LEDGER_WRONG: 6,
} as const;
