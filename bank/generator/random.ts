// Seeded random numbers (sfc32, Doty-Humphrey's PractRand): the same seed gives the same sequence on every machine.

export interface Random {
  /** Whole number in [min, max]. */
  int(min: number, max: number): number;
  /** Number in [0, 1). */
  unit(): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** A generator for `seed`; `stream` separates independent sequences of one seed. */
export function createRandom(seed: number, stream = 0): Random {
  return new Sfc32(seed, stream);
}

/** A class and not closures: one is made for each customer and day, and closures cost more than the numbers drawn from them. */
class Sfc32 implements Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, stream: number) {
    this.a = seed | 0;
    this.b = Math.trunc(seed / 4_294_967_296) | 0;
    this.c = stream | 0;
    for (let warmUp = 0; warmUp < 16; warmUp += 1) this.unit();
  }

  unit(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return (t >>> 0) / 4_294_967_296;
  }

  int(min: number, max: number): number {
    return min + Math.floor(this.unit() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.int(0, items.length - 1)]!;
  }
}
