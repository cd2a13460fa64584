// `ledgerflow backup DIR`: store, lake and offsets at one cut, while streaming goes on.

import path from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { printJson, printLine } from '../support/output.ts';

const HELP = `
Holds the working store, the published lake and the offsets in Kafka at one commit, every file with its SHA-256. Kafka's topics and MySQL
are not in it: a restored pipeline reads on from Kafka. Try a backup with \`ledgerflow restore DIR --drill\`.

Example:
  $ ledgerflow backup /backups/monday`;

const POLL_MS = 500;
const statusSchema = z.object({
  backup: z
    .object({
      folder: z.string(),
      state: z.enum(['running', 'done', 'failed']),
      error: z.string().nullable(),
      commitId: z.number().nullable(),
      gtid: z.string().nullable(),
      files: z.number(),
      bytes: z.number(),
    })
    .nullable(),
});

export function register(program: Command): void {
  program
    .command('backup')
    .description('Back up store, lake and offsets to a new folder while streaming goes on.')
    .argument('<dir>', 'a folder that does not exist yet')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(backup);
}

async function backup(dir: string, options: { readonly json?: boolean }): Promise<void> {
  const { home } = loadConfig();
  const folder = path.resolve(dir);
  let status = statusSchema.parse(await callControl(home, 'backup/start', { folder })).backup;
  while (status?.state === 'running') {
    await sleep(POLL_MS);
    status = statusSchema.parse(await callControl(home, 'backup/status', {})).backup;
  }
  if (status?.state !== 'done')
    throw new LedgerflowError('LF_BACKUP_FAILED', status?.error ?? 'the processor was started again', { where: folder });
  if (options.json === true) printJson(status);
  else
    printLine(`${folder}: commit ${status.commitId}, ${status.gtid ?? 'no transaction yet'}, ${status.files} files, ${status.bytes} bytes`);
}
