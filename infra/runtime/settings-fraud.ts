// Settings of the fraud job.

import { z } from 'zod';
import { setting } from './setting.ts';

export const FRAUD_SETTINGS = {
  fraudScore: setting(
    'LEDGERFLOW_FRAUD_SCORE',
    z.string().min(1).optional(),
    'File of a score that `ledgerflow fraud train` wrote: every movement is scored live, and likely frauds are alerts beside those of the rules (docs/fraud.md). Unset: rules alone.',
  ),
  fraudScoreMin: setting(
    'LEDGERFLOW_FRAUD_SCORE_MIN',
    z.coerce.number().gt(0).lte(1).default(0.5),
    'Probability from which a scored movement is an alert; from 0.9 on the alert asks for a decline, below for a review.',
  ),
};
