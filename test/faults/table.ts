// The table docs/faults.md: the newest result of every fault, each with the code it ran on.

import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { ROOT } from '../support/source-tree.ts';

export interface FaultRow {
  readonly name: string;
  readonly injected: string;
  readonly detected: string;
  readonly recoveryMs: number | null;
  readonly violations: readonly string[];
  readonly tookMs: number;
  /** Of the code that ran. */
  readonly commit: string;
  readonly endedAt: string;
}

export interface FaultTable {
  readonly seed: number;
  readonly rows: readonly FaultRow[];
  /** What was not run, and why. */
  readonly skipped: readonly string[];
}

export function commitOf(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

const INTRO = `# Faults

What was done to the running product, what it said of it, how long until a row written afterwards was in gold, and what an
independent judge found: silver equals MySQL row by row, bronze accounts for every offset, dispositions add up, gold equals its
inputs, entries sum to zero (\`test/support/oracle.ts\`; for \`kill-at-places-…\` also a full rebuild of gold, both chains and the published
lake, \`test/faults/kills/judge.ts\`; for \`kill-at-places-proof-…\` that what a command asks for ends as without kills,
\`test/faults/kills/proof\`). Written by \`npm run faults\`; a short form is part of \`npm test\` (\`test/faults/kills\`,
\`test/e2e/faults.e2e.test.ts\`).
`;

export function tableText(run: FaultTable): string {
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release().split('-')[0] ?? ''}, Node ${process.version}`;
  const rows = run.rows.map(({ name, injected, detected, recoveryMs, violations, commit, endedAt }) => {
    const cells = [
      `\`${name}\``,
      injected,
      detected,
      recoveryMs === null ? '' : (recoveryMs / 1_000).toFixed(1),
      violations.length === 0 ? 'none' : violations.slice(0, 2).join('; '),
      commit,
      endedAt.slice(0, 16).replace('T', ' '),
    ];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  const skipped = run.skipped.length === 0 ? '' : `\nNot run in this table: ${run.skipped.join(', ')}.\n`;
  return `${INTRO}
Seed ${run.seed}, ${machine}; the machine was shared with other work. Each row names the commit that ran and when it ended (UTC): the whole
catalogue takes longer than one sitting, \`npm run faults -- --resume\` goes on with what is missing. Recovery in seconds, the part's own
start included. For \`kill-at-places-…\` it is the median time until store and lake are open again.

| Fault | Injected | Detected or done | Recovery | Violations | Commit | Ended |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
${skipped}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 420);
}
