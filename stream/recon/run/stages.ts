// The stages of a run by name.

import { finalise } from './finalise.ts';
import { load } from './load.ts';
import { log } from './log-stage.ts';
import { match } from './match-stage.ts';
import type { StageContext } from './stage.ts';
import type { Stage } from './tables.ts';

export const STAGE_WORK: Readonly<Record<Stage, (stage: StageContext) => Promise<void>>> = { load, match, log, finalise };
