// Maven as the package client: one call, and an archive named by its coordinate, verified and unpacked into the cache.

import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildInto } from './cache.ts';
import { download, watchSize, type ObtainContext } from './context.ts';
import { obtainMaven } from './java.ts';
import { verifyFolder } from './lock-file.ts';
import { runCommand } from './run-command.ts';

export interface MavenCall {
  readonly part: string;
  readonly what: string;
  readonly goal: string;
  readonly args: readonly string[];
}

/** Maven's own repository goes into the cache too: nothing is written anywhere else. */
export async function maven(context: ObtainContext, java: string, call: MavenCall): Promise<void> {
  const mvn = await obtainMaven(context, java);
  const repository = path.join(context.cache, 'maven-repository');
  mkdirSync(repository, { recursive: true });
  const goal = `org.apache.maven.plugins:maven-dependency-plugin:${context.lock.maven.dependencyPlugin}:${call.goal}`;
  const args = ['-B', '-q', '-ntp', `-Dmaven.repo.local=${repository}`, goal, ...call.args];
  using _size = watchSize(context, call.part, repository, call.what);
  const options = { env: mvn.env, cwd: repository, signal: context.signal, timeoutMs: 20 * 60_000 };
  await download(context, call.part, () => runCommand(mvn.command, args, options));
}

export interface Archive {
  readonly part: string;
  /** What it is, for the progress line. */
  readonly what: string;
  readonly artifact: string;
  readonly version: string;
  readonly sizeMb: number;
  readonly sha256: Readonly<Record<string, string>>;
  /** The folder it is unpacked to. */
  readonly target: string;
}

/** Gets a .tar.gz by coordinate. @throws LedgerflowError LF_PART_DOWNLOAD, LF_PART_CHECKSUM */
export async function obtainArchive(context: ObtainContext, java: string, archive: Archive): Promise<void> {
  await buildInto(archive.target, async (temporary) => {
    const archives = path.join(temporary, '.download');
    mkdirSync(archives);
    const what = `downloading ${archive.what} of ${archive.sizeMb} MB`;
    const args = [`-Dartifact=${archive.artifact}`, `-DoutputDirectory=${archives}`];
    await maven(context, java, { part: archive.part, what, goal: 'copy', args });
    await verifyFolder(archives, archive.sha256);
    for (const name of Object.keys(archive.sha256)) {
      await runCommand('tar', ['-xzf', path.join(archives, name), '-C', temporary], { signal: context.signal });
    }
    rmSync(archives, { recursive: true });
  });
  context.onProgress({ part: archive.part, text: `ready: ${archive.version}, verified` });
}
