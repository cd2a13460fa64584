// Connect, killed before it has recorded that the first snapshot is read, reads a second one, although it has streamed transactions
// after the first. What happened between those and the second snapshot is emitted by nobody: rows deleted then would live on, rows
// changed then would stay old. The positions tell: a row of the first snapshot stands before every streamed change, one of the second
// does not.

import { binlogFileNumber } from '../../cdc/position.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { APPLIED, type ControlAction, type Phase } from '../../lake/store/batch.ts';
import type { TakenCut } from './cut/take.ts';

const PLACE = /"file":"([^"]*)","pos":(\d+)/;

interface Place {
  readonly file: number;
  readonly pos: number;
}

export class FirstStreamed {
  private first: Place | null;

  /** @param value the change with the lowest transaction number that the store has; null when it has none */
  constructor(value: Buffer | null) {
    this.first = placeOf(value);
  }

  /**
   * Looks at a cut of the bootstrap phase; later ones are judged by refuseSecondSnapshot.
   * @param actions its snapshot actions
   * @throws LedgerflowError LF_SNAPSHOT_REPEATED
   */
  judge(taken: TakenCut, actions: readonly ControlAction[], phase: Phase): void {
    if (phase !== 'bootstrap') return;
    this.note(taken);
    const { first } = this;
    if (first === null) return;
    for (const action of actions) {
      if (action.kind !== 'snapshot') continue;
      const [, file = '', pos = ''] = action.generation.split('/');
      if (!isAfter({ file: binlogFileNumber(file), pos: Number(pos) }, first)) continue;
      const text = `a second snapshot (${action.generation}) was begun after changes had been streamed: what happened in between is unknown`;
      throw new LedgerflowError('LF_SNAPSHOT_REPEATED', text, { where: action.table });
    }
  }

  private note({ records }: TakenCut): void {
    let lowest = -1;
    for (let index = 0; index < records.count; index += 1) {
      const seq = records.seq[index]!;
      if (seq > 0 && records.disposition[index] === APPLIED && (lowest < 0 || seq < records.seq[lowest]!)) lowest = index;
    }
    const place = lowest < 0 ? null : placeOf(records.value(lowest));
    if (place !== null && (this.first === null || isAfter(this.first, place))) this.first = place;
  }
}

function isAfter(a: Place, b: Place): boolean {
  return a.file === b.file ? a.pos > b.pos : a.file > b.file;
}

function placeOf(value: Buffer | null): Place | null {
  const match = value === null ? null : PLACE.exec(value.toString('latin1'));
  return match === null ? null : { file: binlogFileNumber(match[1] ?? ''), pos: Number(match[2]) };
}
