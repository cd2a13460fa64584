// What a starting processor knows of its topics: their numbers and their identities, on a connection of their own.

import { topicIdentities } from '../../cdc/kafka/topic-identity.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { PrivacyDesk } from '../privacy/desk.ts';
import type { StoreFindings } from './store-findings.ts';
import { TopicCatalog, TopicNames } from './topic-catalog.ts';
import { TopicIdentities } from './topic-identities.ts';

export interface Topics {
  readonly catalog: TopicCatalog;
  readonly identities: TopicIdentities;
  readonly schemaKnown: (table: string) => boolean;
  /** What must not come out of them as it is. */
  readonly privacy: PrivacyDesk;
}

/** @throws LedgerflowError what a column policy is refused for */
export async function openTopics(config: Config, store: StoreHandle, found: StoreFindings): Promise<Topics> {
  const privacy = await PrivacyDesk.open(await store.connect(), config, found.schemas);
  const connection = await store.connect(); // not the writer's: a topic must not be registered inside a commit that is rolled back
  const catalog = await TopicCatalog.open(new TopicNames(config.topicPrefix, config.mysqlDatabase), connection);
  const schemaKnown = (table: string): boolean => found.names.tables.has(found.names.of(table));
  const ask = (): ReturnType<typeof topicIdentities> => topicIdentities(config.kafkaBrokers ?? '');
  const identities = await TopicIdentities.open({ connection, catalog, ask, mayBeGone: (table) => !schemaKnown(table) });
  return { catalog, identities, schemaKnown, privacy };
}
