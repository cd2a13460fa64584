// The statement of a run through the adapters' port.

import { inputsOf, readInput } from '../adapters/read.ts';
import type { SourceDoors } from '../adapters/port.ts';
import type { ReadStatement } from './stage.ts';

/** @param doors what sources need of the outside */
export function statementReader(doors: SourceDoors): ReadStatement {
  return async function* ({ source, date, file, position, signal }) {
    const request = { source, businessDate: date, position, signal };
    const inputs = file === null ? await inputsOf(request, doors) : [{ name: file, file }];
    for (const input of inputs) yield* readInput(request, input, doors);
  };
}
