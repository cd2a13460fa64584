// Writes to one table that go on while its shape is changed: inserts, updates and deletes that name only the columns id and n.

import type mysql from 'mysql2/promise';
import { messageOf } from '../../infra/runtime/errors.ts';
import type { TestPipeline } from './pipeline.ts';

export interface Churn {
  /** Waits until this many more statements have succeeded. */
  written(statements: number): Promise<void>;
  stop(): Promise<void>;
}

/** Errors of statements that met the table in the middle of a change. */
const MEANWHILE = /doesn't exist|Unknown column|Duplicate entry|definition has changed/;
const PAUSE_MS = 5;
const PATIENCE_MS = 30_000;

/** `id` must be the generated key of the table and `n` a number. */
export async function startChurn(pipeline: TestPipeline, table: string): Promise<Churn> {
  const connection: mysql.Connection = await pipeline.root();
  let [running, done] = [true, 0];
  let failure: unknown = null;
  const loop = (async () => {
    for (let round = 1; running; round += 1) {
      const statements = [
        `INSERT INTO ${table} (n) VALUES (${round}), (${round + 1})`,
        `UPDATE ${table} SET n = n + 1 WHERE id % 3 = ${round % 3} ORDER BY id DESC LIMIT 3`,
        `DELETE FROM ${table} WHERE id % 7 = ${round % 7} ORDER BY id LIMIT 1`,
      ];
      const statement = statements[round % statements.length] ?? '';
      await connection.query(statement).then(
        () => (done += 1),
        (error: unknown) => {
          if (!MEANWHILE.test(messageOf(error))) throw error;
        },
      );
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })().catch((error: unknown) => (failure = error));
  return {
    async written(statements) {
      const wanted = done + statements;
      for (const until = Date.now() + PATIENCE_MS; done < wanted && failure === null && Date.now() < until;)
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (failure !== null) throw new Error(`writing to ${table} failed: ${messageOf(failure)}`);
    },
    async stop() {
      running = false;
      await loop;
      connection.destroy();
      if (failure !== null) throw new Error(`writing to ${table} failed: ${messageOf(failure)}`);
    },
  };
}
