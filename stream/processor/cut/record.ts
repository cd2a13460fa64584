// What partitions and operations there are. The kinds of records are in cdc/envelope/page.ts.

export type PartitionRole = 'table' | 'transaction' | 'schema' | 'other';

export const OP_TRUNCATE = 't'.charCodeAt(0);
export const OP_READ = 'r'.charCodeAt(0);
