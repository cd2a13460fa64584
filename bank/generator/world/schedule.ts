// What is planned, earliest first; plans of one instant in the order in which they were made. A binary heap: its size is a few days of plans.

import type { Planned } from './intent.ts';

interface Entry {
  readonly planned: Planned;
  readonly order: number;
}

export class Schedule {
  readonly #heap: Entry[] = [];
  #made = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** When the next plan is due; Infinity without one. */
  get nextAt(): number {
    return this.#heap[0]?.planned.at ?? Infinity;
  }

  add(planned: Planned): void {
    const heap = this.#heap;
    const entry = { planned, order: this.#made };
    this.#made += 1;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  /** @throws RangeError when nothing is planned */
  take(): Planned {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined) throw new RangeError('nothing is planned');
    if (heap.length > 0) this.#sink(last);
    return first.planned;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, entry)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = entry;
  }
}

function before(one: Entry, other: Entry): boolean {
  return one.planned.at < other.planned.at || (one.planned.at === other.planned.at && one.order < other.order);
}
