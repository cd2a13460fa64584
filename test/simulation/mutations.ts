// Faults that a pipeline like this one really has, each one line: the simulation must find every one of them.

import type { SimMutation } from './mutant.ts';

const CUT = 'stream/processor/cut';

export const MUTATIONS: readonly SimMutation[] = [
  {
    name: 'acknowledges before the commit: the offsets are saved when the batch is staged',
    file: 'test/simulation/store.ts',
    original: 'return gates.pass(owner, `stage ${commitId}`, () => staged);',
    changed:
      'for (const entry of request.progress) this.ports.state().progress.set(`${entry.topicId}/${entry.partition}`, entry);\nreturn gates.pass(owner, `stage ${commitId}`, () => staged);',
  },
  {
    name: 'tells of a commit before it has happened',
    file: 'stream/processor/pipeline.ts',
    original: 'const report = await commitWithSpace(this.parts.committer, staged, this.parts.hooks?.spaceNeeded, signal);',
    changed:
      'this.parts.committed({ commitId: staged.commitId } as never);\nconst report = await commitWithSpace(this.parts.committer, staged, this.parts.hooks?.spaceNeeded, signal);',
  },
  {
    name: 'compares positions as text in the cut',
    file: `${CUT}/verdict.ts`,
    original: 'if (seq < log.markSeq || (seq ===',
    changed: 'if (String(seq) < String(log.markSeq) || (seq ===',
  },
  {
    name: 'compares positions as text where the newest version of a key is chosen',
    file: 'lake/store/supersede.ts',
    original: 'return batch.seq[a]! - batch.seq[b]! ||',
    changed: 'return String(batch.seq[a]).localeCompare(String(batch.seq[b])) ||',
  },
  {
    name: 'forgets the tombstone: a delete leaves no mark behind',
    file: 'lake/store/supersede.ts',
    original: 'gone[index] = batch.op[index] === CREATE ? 0 : 1;',
    changed: 'gone[index] = batch.op[index] === "u".charCodeAt(0) ? 1 : 0;',
  },
  {
    name: 'cuts inside a transaction',
    file: `${CUT}/frontier.ts`,
    original: 'if (got >= wanted) continue;',
    changed: 'if (got > 0) continue;',
  },
  {
    name: 'saves an offset too far',
    file: `${CUT}/take.ts`,
    original: 'BigInt(log.headOffset + count)',
    changed: 'BigInt(log.headOffset + count + 1)',
  },
  {
    name: 'reads on one offset too early',
    file: `${CUT}/take.ts`,
    original: 'BigInt(log.headOffset + count)',
    changed: 'BigInt(log.headOffset + count - 1)',
  },
  {
    name: 'lists a segment whose content was not synced',
    file: 'lake/store/keep-file.ts',
    original: 'await disk.sync(at.unfinished);',
    changed: '',
  },
  {
    name: 'lists a segment whose name was not synced',
    file: 'lake/store/keep-file.ts',
    original: 'await disk.syncFolder(at.folder);',
    changed: '',
  },
  { name: 'publishes files that were not synced', file: 'lake/publish/round.ts', original: 'await ports.sync();', changed: '' },
  {
    name: 'publishes again what a crash left unnoted',
    file: 'lake/publish/round.ts',
    original: 'if (lake.commitId > noted) await sides.noteAgain(lake);',
    changed: '',
  },
  {
    name: 'publishes while the first snapshot is being read',
    file: 'lake/publish/round.ts',
    original: "if (unchanged || cut.phase !== 'streaming') {",
    changed: 'if (unchanged) {',
  },
  {
    name: 'publishes a store that was put back over a lake that is ahead',
    file: 'lake/publish/round.ts',
    original: 'await assertSameHistory(sides, lake);',
    changed: '',
  },
  {
    name: 'lets an older processor commit',
    file: 'test/simulation/store.ts',
    original: 'if (state.epoch !== this.epoch) throw',
    changed: 'if (state.epoch < 0) throw',
  },
  {
    name: 'takes what is emitted again for new',
    file: `${CUT}/verdict.ts`,
    original: 'ord <= log.markOrd)) return DUPLICATE;',
    changed: 'ord < log.markOrd)) return DUPLICATE;',
  },
  { name: 'ignores gaps', file: `${CUT}/frontier.ts`, original: 'state.emptyThrough < next - 1', changed: 'next < 0' },
  {
    name: 'keeps the rows of a snapshot that was broken off',
    file: 'stream/processor/snapshot-generation.ts',
    original: 'generations.get(table) !== generation) records',
    changed: 'generation === "") records',
  },
  {
    name: 'gives a row of an incremental snapshot the same place when it comes again',
    file: `${CUT}/verdict.ts`,
    original: 'log.placeOrd = seq === log.markSeq ? log.markOrd + 1 : 1;\n    log.raise(seq, log.placeOrd);\n    return APPLIED;',
    changed: 'log.placeOrd = 0;\n    if (seq > log.markSeq) log.raise(seq, 0);\n    return APPLIED;',
  },
  {
    name: 'pauses the partition that the END waits for',
    file: 'stream/processor/backpressure.ts',
    original: 'new Set(this.staging.waiting().partitions)',
    changed: 'new Set()',
  },
  {
    name: 'waits for the newest signal rather than the one before the statement',
    file: `${CUT}/cut-state.ts`,
    original: 'this.signals.findLast((signal) => signal <= seq)',
    changed: 'this.signals.at(-1)',
  },
];
