// Re-walks the chain from genesis: every block is made again from its evidence and from the ledger as it is now. The ledger differing from
// the evidence names the transaction and the column; the evidence differing from the head names the block. Reads only, one block at a time:
// sealed rows never change, so no long snapshot is needed and nothing waits for an audit.

import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { GENESIS, readBlocks, readDays, readEvidence, tipAfter, type AuditDay, type Block, type Tip } from './blocks.ts';
import { decode, differencesOf, encode, TRANSACTION_COLUMNS, type Difference } from './encoding.ts';
import { readPlaces, readTransactions, type LedgerConnection } from './read-ledger.ts';
import { DayBook, sealBlock } from './seal.ts';

export interface Finding {
  /** changed, deleted, inserted: a transaction; chain: a block; evidence: its evidence; day: a day's root. */
  readonly kind: 'changed' | 'deleted' | 'inserted' | 'chain' | 'evidence' | 'day';
  readonly blockNo: number;
  /** Null where a whole block or day is meant. */
  readonly transactionId: string | null;
  readonly message: string;
  readonly differences: readonly Difference[];
}

export interface WalkOptions {
  readonly signal?: AbortSignal;
  /** Called after each block. */
  readonly onProgress?: (progress: { readonly blockNo: number; readonly transactions: number; readonly findings: number }) => void;
  /** Called for each finding, as soon as it is known. */
  readonly onFinding: (finding: Finding) => void;
  /** Heads known from elsewhere (the lake, a notebook) by block number. */
  readonly knownHeads?: ReadonlyMap<number, string>;
}

export interface WalkResult {
  readonly blocks: number;
  readonly transactions: number;
  readonly days: number;
  readonly head: string;
  readonly findings: number;
}

const BLOCKS_READ = 100;
/** More transactions than a block can hold: beyond this number of inserted ones the rest of the block is not looked at. */
const PLACES_MAX = 20_000;

/** Walks all blocks in order. */
export async function walkAudit(connection: LedgerConnection, options: WalkOptions): Promise<WalkResult> {
  let findings = 0;
  const report = (finding: Finding): void => {
    findings += 1;
    options.onFinding(finding);
  };
  let tip: Tip = GENESIS;
  const book = new DayBook();
  const days: AuditDay[] = [];
  for (;;) {
    const blocks = await readBlocks(connection, tip.blockNo + 1, BLOCKS_READ);
    if (blocks.length === 0) break;
    for (const block of blocks) {
      throwIfAborted(options.signal);
      linkFindings(tip, block, options.knownHeads).forEach(report);
      (await blockFindings(connection, block)).forEach(report);
      const day = book.add(block);
      if (day !== undefined) days.push(day);
      tip = tipAfter(block);
      options.onProgress?.({ blockNo: block.blockNo, transactions: tip.nextPosition - 1, findings });
    }
  }
  missingHeads(tip, options.knownHeads).forEach(report);
  const open = book.close();
  const recorded = await readDays(connection);
  dayFindings(days, open, recorded).forEach(report);
  return { blocks: tip.blockNo, transactions: tip.nextPosition - 1, days: recorded.length, head: tip.head, findings };
}

const whole = (kind: Finding['kind'], blockNo: number, message: string): Finding => {
  return { kind, blockNo, transactionId: null, message, differences: [] };
};

/** Does the block follow the one before it, and is its head the one that others know? */
function linkFindings(tip: Tip, block: Block, known: ReadonlyMap<number, string> | undefined): Finding[] {
  const found: Finding[] = [];
  const chain = (message: string) => found.push(whole('chain', block.blockNo, message));
  if (block.blockNo !== tip.blockNo + 1) chain(`block ${tip.blockNo + 1} is missing: the next one is ${block.blockNo}`);
  else if (block.previousHead !== tip.head)
    chain(`block ${block.blockNo} names the previous head ${block.previousHead}, which is ${tip.head}`);
  if (block.afterEntryId !== tip.throughEntryId) {
    chain(`block ${block.blockNo} begins after entry ${block.afterEntryId}, the block before it ends with ${tip.throughEntryId}`);
  }
  if (block.firstPosition !== tip.nextPosition)
    chain(`block ${block.blockNo} begins at place ${block.firstPosition}, not ${tip.nextPosition}`);
  const head = known?.get(block.blockNo);
  if (head !== undefined && head !== block.head) chain(`block ${block.blockNo} has the head ${block.head}, known elsewhere as ${head}`);
  return found;
}

function missingHeads(tip: Tip, known: ReadonlyMap<number, string> | undefined): Finding[] {
  const beyond = [...(known?.keys() ?? [])].filter((blockNo) => blockNo > tip.blockNo);
  return beyond.map((blockNo) => whole('chain', blockNo, `block ${blockNo} is known elsewhere and missing here`));
}

/** The block against its evidence, and the ledger against the evidence. */
async function blockFindings(connection: LedgerConnection, block: Block): Promise<Finding[]> {
  const places = await readPlaces(connection, block.afterEntryId, block.throughEntryId, PLACES_MAX);
  const now = places.map(({ transactionId }) => transactionId);
  const ledger = await readTransactions(connection, now);
  const encodings = now.map((id) => encode(ledger.get(id)!));
  if (now.length > 0 && isSealOf(block, encodings)) return evidenceFindings(connection, block, encodings);
  const evidence = await readEvidence(connection, block.blockNo);
  if (evidence === null || !isSealOf(block, evidence)) {
    const range = `transactions with entries ${block.afterEntryId + 1n} to ${block.throughEntryId}`;
    const why = evidence === null ? 'the evidence is missing or damaged' : 'neither the evidence nor the ledger leads to its head';
    return [whole('evidence', block.blockNo, `block ${block.blockNo} (${range}): ${why}, so what differs cannot be named`)];
  }
  return await ledgerFindings(connection, block, evidence, now);
}

/** The ledger is right; is the evidence still there for the day when it will not be? */
async function evidenceFindings(connection: LedgerConnection, block: Block, encodings: readonly string[]): Promise<Finding[]> {
  const evidence = await readEvidence(connection, block.blockNo);
  if (evidence?.length === encodings.length && evidence.every((text, at) => text === encodings[at])) return [];
  return [whole('evidence', block.blockNo, `the ledger agrees with block ${block.blockNo}, but its evidence was changed or removed`)];
}

function isSealOf(block: Block, encodings: readonly string[]): boolean {
  const tip = { blockNo: block.blockNo - 1, throughEntryId: block.afterEntryId, head: block.previousHead, sealedAt: '', nextPosition: 1 };
  const made = sealBlock(tip, encodings, block.throughEntryId, '');
  return made.head === block.head && made.merkleRoot === block.merkleRoot && made.transactions === block.transactions;
}

const ID = TRANSACTION_COLUMNS.indexOf('transaction_id');

async function ledgerFindings(
  connection: LedgerConnection,
  block: Block,
  evidence: readonly string[],
  now: readonly string[],
): Promise<Finding[]> {
  const sealed = evidence.map((encoding) => ({ encoding, was: decode(encoding) }));
  const ids = sealed.map(({ was }) => was.row![ID]!);
  const known = new Set(ids);
  const inserted = now.filter((id) => !known.has(id));
  const ledger = await readTransactions(connection, [...ids, ...inserted]);
  const changed = sealed.flatMap(({ encoding, was }, at): Finding[] => {
    const is = ledger.get(ids[at]!)!;
    if (encode(is) === encoding) return [];
    const gone = is.row === null && is.entries.length === 0;
    const message = gone ? `transaction ${ids[at]} is gone with its entries` : `transaction ${ids[at]} is not what was sealed`;
    return [
      { kind: gone ? 'deleted' : 'changed', blockNo: block.blockNo, transactionId: ids[at]!, message, differences: differencesOf(was, is) },
    ];
  });
  const added = [...new Set(inserted)].map((id): Finding => {
    const message = `transaction ${id} was not there when block ${block.blockNo} was sealed`;
    return {
      kind: 'inserted',
      blockNo: block.blockNo,
      transactionId: id,
      message,
      differences: differencesOf({ row: null, entries: [] }, ledger.get(id)!),
    };
  });
  return [...changed, ...added];
}

/** Recorded days against those made again. The last day may have no record yet: it is closed by the first seal of a later day. */
function dayFindings(made: readonly AuditDay[], open: AuditDay | undefined, recorded: readonly AuditDay[]): Finding[] {
  const expected = open === undefined ? made : [...made, open];
  const byDay = new Map(recorded.map((day) => [day.day, day]));
  const lastRecorded = recorded.at(-1)?.lastBlock ?? 0;
  const wrong = expected.flatMap((day) => {
    const found = byDay.get(day.day);
    if (found === undefined) return day.lastBlock > lastRecorded ? [] : [whole('day', day.firstBlock, `the root of ${day.day} is missing`)];
    const same = (Object.keys(day) as (keyof AuditDay)[]).every((key) => found[key] === day[key]);
    return same ? [] : [whole('day', day.firstBlock, `the root of ${day.day} does not follow from its blocks`)];
  });
  const days = new Set(expected.map(({ day }) => day));
  return [
    ...wrong,
    ...recorded.filter(({ day }) => !days.has(day)).map((day) => whole('day', day.firstBlock, `${day.day} has a root but no blocks`)),
  ];
}
