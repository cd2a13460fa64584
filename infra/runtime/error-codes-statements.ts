// Codes of reading external statements.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const STATEMENT_CODES = {
  LF_STATEMENT_REFUSED: {
    kind: 'fatal',
    cause:
      'A statement does not tie (opening + entries = closing, control totals), or has a line that cannot be read. Nothing of it was kept.',
    remedy:
      'Ask the sender for a correct file. Lines that cannot be read are parked instead with "badLines": "park" in the source; totals must tie always.',
  },
  LF_STATEMENT_CONTINUITY: {
    kind: 'fatal',
    cause:
      'A statement does not follow on the one before of its account: another balance than that closed with, or a number that is left out or comes twice.',
    remedy:
      'Run the day of the missing statement first, or ask the sender for it. With "continuity": "warn" in the source it is told and the run goes on.',
  },
  LF_STATEMENT_FORMAT: {
    kind: 'fatal',
    cause: 'The input is not of the format that it is read as, or is cut off.',
    remedy: '`ledgerflow recon inspect FILE` shows what the file looks like; docs/recon-adapters.md says what is read of each format.',
  },
  LF_STATEMENT_AMBIGUOUS: {
    kind: 'fatal',
    cause: 'The file can be read in more than one way, such as 01/02/2026 as January or February.',
    remedy: '`ledgerflow recon inspect FILE` shows the choices; set the right one in the source.',
  },
  LF_STATEMENT_SOURCE: {
    kind: 'fatal',
    cause: 'The configuration of a statement source is not valid, or there is no source of this name.',
    remedy: 'Correct what the message names; docs/recon-adapters.md says what a source holds.',
  },
  LF_STATEMENT_INPUT: {
    kind: 'retryable',
    cause: 'There is no input at the place that the source names, or it cannot be opened.',
    remedy: 'Check the path and its permissions, or wait until the sender has delivered.',
  },
  LF_STATEMENT_API: {
    kind: 'retryable',
    cause: 'The API of a statement source did not answer, or asked to wait; it was tried several times.',
    remedy: 'Try again later; the message has the last answer.',
  },
  LF_STATEMENT_API_REFUSED: {
    kind: 'fatal',
    cause: 'The API of a statement source refuses the request, leads elsewhere, or answers what cannot be read.',
    remedy: 'Check address, login and mapping of the source.',
  },
  LF_STATEMENT_ADDRESS: {
    kind: 'fatal',
    cause: 'The API of a statement source leads to a loopback, private or link-local address.',
    remedy: 'If that is where it should go, set "allowPrivate": true in the source; otherwise correct its URL.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
