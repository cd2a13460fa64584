// The control total of an account, a group or a file: sum of amounts in minor units, number of parts, number of lines.

import { LineProblem, refusal } from '../problem.ts';
import type { BaiRecord } from './records.ts';

export class ControlSum {
  readonly #what: string;
  #sum = 0n;
  #children = 0;
  /** Physical lines, header and trailer among them. */
  lines = 0;

  constructor(what: string) {
    this.#what = what;
  }

  begin(lines: number): void {
    this.#sum = 0n;
    this.#children = 0;
    this.lines = lines;
  }

  /** A signed whole number, as it stands. */
  add(amount: string): void {
    if (!/^[+-]?\d{1,30}$/.test(amount)) throw new LineProblem(`"${amount}" is no whole number of minor units`);
    this.#sum += BigInt(amount.replace('+', ''));
  }

  addChild(child: ControlSum): void {
    this.#sum += child.#sum;
    this.#children += 1;
    this.lines += child.lines;
  }

  /**
   * Compares with the trailer: control total, then the number of parts where it has one, then the number of lines.
   * @throws LedgerflowError LF_STATEMENT_REFUSED with the difference
   */
  check(trailer: BaiRecord, parts: string | null): void {
    this.lines += trailer.lines;
    const [total = '', ...rest] = trailer.fields.map((field) => field.trim());
    const [children, lines = ''] = parts === null ? [null, rest[0]] : [rest[0] ?? '', rest[1]];
    if (!/^[+-]?\d{1,30}$/.test(total)) throw refusal(trailer.line, `the control total "${total}" is no whole number`);
    const difference = BigInt(total.replace('+', '')) - this.#sum;
    if (difference !== 0n)
      throw refusal(
        trailer.line,
        `the control total of the ${this.#what} is stated as ${total} and is ${this.#sum}: a difference of ${difference}`,
      );
    if (children !== null && Number(children) !== this.#children)
      throw refusal(trailer.line, `the ${this.#what} is stated to have ${children} ${parts} and has ${this.#children}`);
    if (lines !== '' && Number(lines) !== this.lines)
      throw refusal(trailer.line, `the ${this.#what} is stated to have ${lines} records and has ${this.lines}`);
  }
}
