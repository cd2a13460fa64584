// Codes of fraud rules, alerts and features.

import type { ErrorCodeEntry } from './failure-kind.ts';

export const FRAUD_CODES = {
  LF_FRAUD_RULE: {
    kind: 'fatal',
    cause: 'The file of a fraud rule in stream/fraud/rules is not valid, or its SELECT cannot be run.',
    remedy: 'Correct what the message names; docs/fraud.md says what a rule file holds.',
  },
  LF_FRAUD_PARAMETER: {
    kind: 'fatal',
    cause: 'A parameter of a fraud rule was set that the rule does not have, or to a value it does not take.',
    remedy: '`ledgerflow fraud rules --json` lists the parameters with their defaults.',
  },
  LF_FRAUD_LIST: {
    kind: 'fatal',
    cause: 'An entry for a list of fraud cannot be made or ended: there is no such rule, or no such entry that still holds.',
    remedy: '`ledgerflow fraud rules` names the rules, `ledgerflow fraud lists` the entries.',
  },
  LF_FRAUD_IDS: {
    kind: 'fatal',
    cause:
      'Live fraud rules keep the history of movements by whole numbers, and an id of the captured transactions is something else: the source numbers with texts, or a column policy makes a text of the id.',
    remedy:
      'Take the policy off the ids that the message names (names and addresses can be tokenised without it), or leave fraud rules to `ledgerflow fraud evaluate --transactions FILE`, which takes any ids.',
  },
} as const satisfies Readonly<Record<string, ErrorCodeEntry>>;
