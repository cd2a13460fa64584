// From log odds of a model to a probability that means what it says: a logistic curve fitted to rows the model has not seen (Platt 1999;
// targets after Lin, Lin, Weng 2007). Pure.

export interface Curve {
  readonly slope: number;
  readonly offset: number;
}

const STEPS_MAX = 100;

/** Newton's method on the log loss; rows are few enough to go over them often. */
export function fitCurve(margins: Float64Array, labels: Uint8Array): Curve {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (labels.length - positives + 2);
  let curve: Curve = { slope: 1, offset: 0 };
  for (let step = 0; step < STEPS_MAX; step += 1) {
    let [gs, go, hss, hso, hoo] = [0, 0, 1e-9, 0, 1e-9];
    for (let row = 0; row < labels.length; row += 1) {
      const x = margins[row]!;
      const p = probability(curve, x);
      const [error, weight] = [p - (labels[row] === 1 ? high : low), Math.max(p * (1 - p), 1e-12)];
      gs += error * x;
      go += error;
      hss += weight * x * x;
      hso += weight * x;
      hoo += weight;
    }
    const determinant = hss * hoo - hso * hso;
    const [ds, dO] = [(hoo * gs - hso * go) / determinant, (hss * go - hso * gs) / determinant];
    const next = { slope: curve.slope - clamp(ds), offset: curve.offset - clamp(dO) };
    const moved = Math.abs(next.slope - curve.slope) + Math.abs(next.offset - curve.offset);
    curve = next;
    if (moved < 1e-9) break;
  }
  // A curve that falls would turn the order of scores round; too few labels can make one.
  return curve.slope > 0 && Number.isFinite(curve.offset) ? curve : { slope: 1, offset: 0 };
}

const clamp = (value: number): number => Math.max(-2, Math.min(2, value));

export function probability({ slope, offset }: Curve, margin: number): number {
  return 1 / (1 + Math.exp(-(slope * margin + offset)));
}
