// `ledgerflow restore DIR`: tries a backup, or puts it in the place of store and lake.

import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findDucklake } from '../../infra/native/obtain/ducklake.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { claimHome } from '../../infra/native/supervisor.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { drill } from '../../lake/backup/drill.ts';
import { layOut, restore } from '../../lake/backup/restore.ts';
import { printJson, printLine } from '../support/output.ts';

const HELP = `
--drill compares every file with its sum, opens a copy beside the home folder as a processor would, compares silver with what it was at
the cut, verifies bronze against its chain, and removes the copy. It may run while the pipeline does.
--yes puts the backup in place. LedgerFlow must be down; store and lake that are there are moved to <home>/before-restore-<time>.
The next \`ledgerflow up\` reads on from Kafka at the offsets of the backup.

Examples:
  $ ledgerflow restore /backups/monday --drill
  $ ledgerflow down && ledgerflow restore /backups/monday --yes && ledgerflow up`;

interface Options {
  readonly drill?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('restore')
    .description('Try a backup, or put it in the place of store and lake.')
    .argument('<dir>', 'folder of a backup')
    .option('--drill', 'try it and change nothing')
    .option('--yes', 'really put it in place')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(async (dir: string, options: Options) => {
      const result =
        options.drill === true ? await tryBackup(loadConfig(), dir) : await putInPlace(loadConfig(), dir, options.yes === true);
      if (options.json === true) printJson(result.facts);
      else printLine(result.text);
    });
}

interface Result {
  readonly facts: object;
  readonly text: string;
}

/** @throws LedgerflowError LF_BACKUP_BROKEN, LF_BACKUP_FAILED */
async function tryBackup(config: Config, dir: string): Promise<Result> {
  const extension = findDucklake(cacheFolder(config.cache), readPartsLock(), config.ducklakeExtensionPath);
  const copy = await mkdtemp(path.join(path.dirname(path.resolve(dir)), '.drill-'));
  const started = performance.now();
  try {
    const manifest = await layOut(dir, copy);
    const report = { ...(await drill(copy, manifest, extension)), seconds: Math.round(performance.now() - started) / 1_000 };
    const { tables, bronzeRows, commits, publishedCommit, seconds } = report;
    const lake = publishedCommit === 0 ? 'nothing published yet' : `the lake stands at commit ${publishedCommit}`;
    const text = `sound: commit ${manifest.commitId}, ${tables} relations equal, ${bronzeRows} bronze rows in ${commits} commits verified, ${lake}; ${seconds} s`;
    return { facts: { commitId: manifest.commitId, gtid: manifest.gtid, ...report }, text };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** @throws LedgerflowError LF_ALREADY_RUNNING, LF_CONFIRMATION_NEEDED, LF_BACKUP_BROKEN, LF_RESTORE_UNFINISHED */
async function putInPlace({ home }: Config, dir: string, confirmed: boolean): Promise<Result> {
  if (!confirmed)
    throw new LedgerflowError('LF_CONFIRMATION_NEEDED', 'this would put the backup in the place of store and lake; --drill only tries it', {
      where: home,
    });
  await using _claim = await claimHome({ home, onEvent: () => undefined });
  const { manifest, aside } = await restore(dir, home);
  const { commitId, gtid } = manifest;
  const before = aside === null ? '' : ` What was there is in ${aside}.`;
  return {
    facts: { commitId, gtid, aside },
    text: `Restored commit ${commitId}, ${gtid ?? 'no transaction yet'}.${before} The next start reads on from Kafka.`,
  };
}
