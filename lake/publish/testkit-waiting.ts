// Tests only: a process of its own without the extension, because an extension once loaded stays in its process.

import path from 'node:path';
import { account, ACCOUNTS, testExtension, testPublisher } from './testkit-publisher.ts';
import { TestStore } from './testkit.ts';

const store = await TestStore.open(path.join(process.argv[2] ?? '', 'waiting'));
await store.table(ACCOUNTS);
const extension: { file: string | undefined } = { file: undefined };
await using publisher = await testPublisher(store, { extensionFile: () => extension.file });
await store.commit([account('c', 1)]);
const published = await publisher.publishOnce();
const { state, reason } = publisher.status();
const [bronze] = await store.read('SELECT count(*) FROM bronze.changes');
extension.file = await testExtension();
const note = await publisher.publishOnce();
process.stdout.write(
  JSON.stringify({ state, reason, published, bronze: bronze?.[0], later: publisher.status().state, commitId: note?.commitId }),
);
