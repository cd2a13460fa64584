// Makes the readers' view of bronze anew: when the lake is attached, or cannot be.

import type { DuckDBConnection } from '@duckdb/node-api';
import { bronzeViewSql } from './bronze.ts';
import { publishedCommitInStore } from './lake-position.ts';
import type { PublicationSource } from './source.ts';

export async function createBronzeView(
  connection: DuckDBConnection,
  source: Pick<PublicationSource, 'bronzeFolder' | 'withQuietPoint'>,
  lakeAttached: boolean,
): Promise<void> {
  const publishedCommit = await publishedCommitInStore(connection);
  const sql = bronzeViewSql({ bronzeFolder: source.bronzeFolder, lakeAttached, publishedCommit });
  await source.withQuietPoint(() => connection.run(sql));
}
