// Runs one of the benchmark's programs in a process of its own and takes its result, the last line of its output, as JSON.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hostEnvironment } from '../../infra/runtime/config.ts';

/** Each running DuckDB query holds one thread of Node's pool; the product sets the same (cli/up/pipeline-steps.ts). */
const THREAD_POOL_SIZE = '16';
const YOUNG_GENERATION = '--max-semi-space-size=64';

/**
 * @param program file beside the parts, for instance 'catchup-count.ts'
 * @param nodeFlags for instance --cpu-prof
 */
export async function runChild<T>(program: string, input: object, nodeFlags: readonly string[] = []): Promise<T> {
  const file = fileURLToPath(new URL(`../programs/${program}`, import.meta.url));
  const child = spawn(process.execPath, [YOUNG_GENERATION, ...nodeFlags, '--import', 'tsx', file, JSON.stringify(input)], {
    env: { ...hostEnvironment(), UV_THREADPOOL_SIZE: THREAD_POOL_SIZE, KAFKAJS_NO_PARTITIONER_WARNING: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}:\n${output.slice(-2_000)}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}
