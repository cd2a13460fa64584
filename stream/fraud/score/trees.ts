// Gradient-boosted trees for a yes or no, on histograms: at most BINS values of a feature are told apart, missing ones are a value of their
// own (XGBoost: Chen, Guestrin 2016, equations 2 to 7; histograms after LightGBM: Ke et al. 2017). Pure and without random numbers: the same
// rows give the same trees. docs/adr/0032 says why it is written here.

export interface TreeOptions {
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  /** Pull of leaf values towards zero. */
  readonly lambda: number;
  /** Least sum of second derivatives on either side of a split: how many rows a leaf stands on. */
  readonly minChildWeight: number;
}

export const DEFAULT_OPTIONS: TreeOptions = { trees: 120, depth: 4, learningRate: 0.1, lambda: 1, minChildWeight: 2 };

/** Features by column; NaN: not known. */
export interface Rows {
  readonly columns: readonly Float64Array[];
  readonly labels: Uint8Array;
  /** How many rows one stands for, where others were left out. */
  readonly weights: Float64Array;
}

/** A node with a split sends value < threshold (and missing, when so) to the left; a leaf has none. `value` is what the tree says there. */
export interface TreeNode {
  readonly value: number;
  readonly feature?: number;
  readonly threshold?: number;
  readonly missingLeft?: boolean;
  readonly left?: TreeNode;
  readonly right?: TreeNode;
}

export interface Forest {
  /** Log odds before any tree. */
  readonly base: number;
  readonly trees: readonly TreeNode[];
}

const BINS = 64;

interface Binned {
  readonly count: number;
  /** Upper edges of bins 1, 2, …; bin 0 holds missing values. */
  readonly edges: readonly (readonly number[])[];
  readonly bins: readonly Uint8Array[];
}

export function growForest(rows: Rows, options: TreeOptions = DEFAULT_OPTIONS): Forest {
  const binned = binsOf(rows.columns);
  const { labels, weights } = rows;
  let [positive, all] = [0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    positive += labels[row]! * weights[row]!;
    all += weights[row]!;
  }
  const base = Math.log(Math.max(positive, 1) / Math.max(all - positive, 1));
  const margins = new Float64Array(labels.length).fill(base);
  const [gradients, hessians] = [new Float64Array(labels.length), new Float64Array(labels.length)];
  const trees: TreeNode[] = [];
  for (let count = 0; count < options.trees; count += 1) {
    for (let row = 0; row < labels.length; row += 1) {
      const p = 1 / (1 + Math.exp(-margins[row]!));
      gradients[row] = (p - labels[row]!) * weights[row]!;
      hessians[row] = Math.max(p * (1 - p), 1e-6) * weights[row]!;
    }
    const grower = new Grower(binned, { gradients, hessians, margins }, options);
    trees.push(grower.grow());
  }
  return { base, trees };
}

interface Sums {
  readonly gradients: Float64Array;
  readonly hessians: Float64Array;
  readonly margins: Float64Array;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  /** Bins up to it go left. */
  readonly bin: number;
  readonly missingLeft: boolean;
}

class Grower {
  readonly #binned: Binned;
  readonly #sums: Sums;
  readonly #options: TreeOptions;

  constructor(binned: Binned, sums: Sums, options: TreeOptions) {
    this.#binned = binned;
    this.#sums = sums;
    this.#options = options;
  }

  grow(): TreeNode {
    const all = new Uint32Array(this.#binned.count);
    for (let row = 0; row < all.length; row += 1) all[row] = row;
    return this.#node(all, this.#options.depth);
  }

  /** Adds the leaves' values to the margins of the rows on its way. */
  #node(rows: Uint32Array, depth: number): TreeNode {
    const { gradients, hessians, margins } = this.#sums;
    const { lambda, learningRate } = this.#options;
    let [g, h] = [0, 0];
    for (const row of rows) {
      g += gradients[row]!;
      h += hessians[row]!;
    }
    const value = (-g / (h + lambda)) * learningRate;
    const split = depth === 0 ? null : this.#bestSplit(rows, g, h);
    if (split === null) {
      for (const row of rows) margins[row]! += value;
      return { value };
    }
    const { feature, bin, missingLeft } = split;
    const bins = this.#binned.bins[feature]!;
    const goesLeft = (row: number): boolean => (bins[row] === 0 ? missingLeft : bins[row]! <= bin);
    const left = this.#node(rows.filter(goesLeft), depth - 1);
    const right = this.#node(rows.filter((row) => !goesLeft(row)), depth - 1); // prettier-ignore
    return { value, feature, threshold: this.#binned.edges[feature]![bin - 1]!, missingLeft, left, right };
  }

  #bestSplit(rows: Uint32Array, g: number, h: number): Split | null {
    const { gradients, hessians } = this.#sums;
    let best: Split | null = null;
    const [sumG, sumH] = [new Float64Array(BINS + 1), new Float64Array(BINS + 1)];
    for (const [feature, bins] of this.#binned.bins.entries()) {
      const last = this.#binned.edges[feature]!.length + 1;
      if (last < 2 && !bins.includes(0)) continue;
      sumG.fill(0);
      sumH.fill(0);
      for (const row of rows) {
        const bin = bins[row]!;
        sumG[bin]! += gradients[row]!;
        sumH[bin]! += hessians[row]!;
      }
      for (const missingLeft of sumH[0] === 0 ? [false] : [true, false]) {
        let [leftG, leftH] = missingLeft ? [sumG[0]!, sumH[0]!] : [0, 0];
        for (let bin = 1; bin < last; bin += 1) {
          leftG += sumG[bin]!;
          leftH += sumH[bin]!;
          const gain = this.#gain({ g, h }, leftG, leftH);
          if (gain > (best?.gain ?? 1e-6)) best = { gain, feature, bin, missingLeft };
        }
      }
    }
    return best;
  }

  #gain({ g, h }: { readonly g: number; readonly h: number }, leftG: number, leftH: number): number {
    const { lambda, minChildWeight } = this.#options;
    const [rightG, rightH] = [g - leftG, h - leftH];
    if (leftH < minChildWeight || rightH < minChildWeight) return 0;
    return leftG ** 2 / (leftH + lambda) + rightG ** 2 / (rightH + lambda) - g ** 2 / (h + lambda);
  }
}

/** Edges at quantiles of the values; equal values share a bin. */
function binsOf(columns: readonly Float64Array[]): Binned {
  const edges = columns.map((column) => {
    const known = column.filter((value) => !Number.isNaN(value)).sort();
    const found = new Set<number>();
    for (let bin = 1; bin < BINS; bin += 1) {
      const value = known[Math.floor((known.length * bin) / BINS)];
      if (value !== undefined && value > known[0]!) found.add(value);
    }
    // Values that most rows do not have lie in the last quantile: the greatest ones get edges of their own.
    for (const share of [0.99, 0.995, 0.998, 0.999]) {
      const value = known[Math.floor(known.length * share)];
      if (value !== undefined && value > known[0]!) found.add(value);
    }
    return [...found].sort((a, b) => a - b).slice(-(BINS - 1));
  });
  const bins = columns.map((column, feature) =>
    Uint8Array.from(column, (value) => (Number.isNaN(value) ? 0 : binOf(edges[feature]!, value))),
  );
  return { count: columns[0]?.length ?? 0, edges, bins };
}

/** 1 for values below the first edge; a value equal to an edge lies above it. */
function binOf(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low + 1;
}

/** Log odds of a row, and what each feature adds to them on the way down the trees; base + all contributions = margin. */
export function explain(forest: Forest, row: ArrayLike<number>): { readonly margin: number; readonly contributions: Float64Array } {
  const contributions = new Float64Array(row.length);
  let margin = forest.base;
  for (const tree of forest.trees) {
    let [node, from] = [tree, 0];
    while (node.left !== undefined && node.right !== undefined && node.feature !== undefined) {
      const value = row[node.feature]!;
      const next = (Number.isNaN(value) ? node.missingLeft === true : value < node.threshold!) ? node.left : node.right;
      contributions[node.feature]! += next.value - from;
      [node, from] = [next, next.value];
    }
    margin += node.value;
  }
  return { margin, contributions };
}

/** Log odds of a row. */
export function marginOf(forest: Forest, row: ArrayLike<number>): number {
  let margin = forest.base;
  for (let node of forest.trees) {
    while (node.left !== undefined && node.right !== undefined && node.feature !== undefined) {
      const value = row[node.feature]!;
      node = (Number.isNaN(value) ? node.missingLeft === true : value < node.threshold!) ? node.left : node.right;
    }
    margin += node.value;
  }
  return margin;
}
