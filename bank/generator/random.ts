// Seeded random numbers (sfc32, Doty-Humphrey's PractRand): the same seed gives the same sequence on every machine.

export interface Random {
  /** Whole number in [min, max]. */
  readonly int: (min: number, max: number) => number;
  /** Number in [0, 1). */
  readonly unit: () => number;
  /** True with the given probability. */
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** A generator for `seed`; `stream` separates independent sequences of one seed. */
export function createRandom(seed: number, stream = 0): Random {
  let a = seed | 0;
  let b = Math.trunc(seed / 4_294_967_296) | 0;
  let c = stream | 0;
  let counter = 1;
  const unit = () => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4_294_967_296;
  };
  for (let warmUp = 0; warmUp < 16; warmUp += 1) unit();
  const int = (min: number, max: number) => min + Math.floor(unit() * (max - min + 1));
  return { int, unit, chance: (probability) => unit() < probability, pick: (items) => pickFrom(items, int(0, items.length - 1)) };
}

function pickFrom<T>(items: readonly T[], index: number): T {
  if (items.length === 0) throw new RangeError('nothing to pick from');
  return items[index]!;
}
