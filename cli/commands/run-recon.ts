// `ledgerflow run-recon`: `ledgerflow recon run` under the name the seed gives it.

import type { Command } from 'commander';
import { registerRun } from './recon/run.ts';

export function register(program: Command): void {
  registerRun(program, 'run-recon');
}
