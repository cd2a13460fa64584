// XML as a stream of small trees: each element that is named a record is built whole, told and forgotten. Namespaces are checked, never guessed.

import { SaxesParser } from 'saxes';
import { clip } from '../money.ts';
import { notOfFormat } from '../problem.ts';

export interface Element {
  readonly name: string;
  readonly line: number;
  /** The Ccy attribute, the only one that statements have. */
  readonly currency: string;
  readonly children: Element[];
  text: string;
}

export type XmlStep =
  | { readonly kind: 'open' | 'close'; readonly name: string; readonly line: number }
  | { readonly kind: 'record'; readonly element: Element };

export interface XmlShape {
  /** What the namespace must be. */
  readonly namespace: RegExp;
  /** Elements told as trees; of the others only begin and end are told. */
  readonly records: ReadonlySet<string>;
}

const DEPTH_MAX = 64;
/** Elements of one record at most: an entry with hundreds of thousands of transactions. */
const RECORD_ELEMENTS_MAX = 5_000_000;
const TEXT_CHARS_MAX = 1_048_576;

/** Steps in order, in batches. @throws LedgerflowError LF_STATEMENT_FORMAT for what is not well-formed, another namespace, a DOCTYPE, or a cut */
export async function* xmlSteps(chunks: AsyncIterable<string>, shape: XmlShape): AsyncGenerator<XmlStep[]> {
  const builder = new TreeBuilder(shape);
  for await (const chunk of chunks) {
    builder.write(chunk);
    const steps = builder.taken();
    if (steps.length > 0) yield steps;
  }
  builder.end();
  yield builder.taken();
}

class TreeBuilder {
  readonly #parser = new SaxesParser({ xmlns: true, position: true });
  readonly #shape: XmlShape;
  readonly #open: Element[] = [];
  #depth = 0;
  #elements = 0;
  #steps: XmlStep[] = [];

  constructor(shape: XmlShape) {
    this.#shape = shape;
    const parser = this.#parser;
    parser.on('error', (error) => {
      throw notOfFormat(parser.line, `not well-formed XML: ${error.message.replace(/^\d+:\d+: /, '')}`, error);
    });
    parser.on('doctype', () => {
      throw notOfFormat(parser.line, 'a DOCTYPE has no place in a statement');
    });
    parser.on('opentag', (tag) => this.#opened(tag.local, tag.uri, tag.attributes['Ccy']?.value ?? ''));
    parser.on('closetag', (tag) => this.#closed(tag.local));
    parser.on('text', (text) => this.#text(text));
    parser.on('cdata', (text) => this.#text(text));
  }

  write(chunk: string): void {
    this.#parser.write(chunk);
  }

  end(): void {
    this.#parser.close();
  }

  taken(): XmlStep[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  #opened(name: string, namespace: string, currency: string): void {
    const { line } = this.#parser;
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw notOfFormat(line, `elements lie more than ${DEPTH_MAX} deep`);
    // Inside a record a supplementary part may have a namespace of its own.
    if (this.#open.length === 0 && !this.#shape.namespace.test(namespace)) throw notOfFormat(line, `the namespace of <${name}> is "${clip(namespace)}", which is none that is read`); // prettier-ignore
    const parent = this.#open.at(-1);
    if (parent === undefined && !this.#shape.records.has(name)) {
      this.#steps.push({ kind: 'open', name, line });
      return;
    }
    const element: Element = { name, line, currency, children: [], text: '' };
    this.#elements = parent === undefined ? 1 : this.#elements + 1;
    if (this.#elements > RECORD_ELEMENTS_MAX) throw notOfFormat(line, `one entry holds more than ${RECORD_ELEMENTS_MAX} elements`);
    parent?.children.push(element);
    this.#open.push(element);
  }

  #closed(name: string): void {
    this.#depth -= 1;
    const element = this.#open.pop();
    if (element === undefined) this.#steps.push({ kind: 'close', name, line: this.#parser.line });
    else if (this.#open.length === 0) this.#steps.push({ kind: 'record', element });
  }

  #text(text: string): void {
    const element = this.#open.at(-1);
    if (element === undefined) return;
    element.text += text;
    if (element.text.length > TEXT_CHARS_MAX) throw notOfFormat(this.#parser.line, `a text has more than ${TEXT_CHARS_MAX} characters`);
  }
}

/** The first element at the path of names, below. */
export function at(element: Element | undefined, ...path: readonly string[]): Element | undefined {
  return path.reduce<Element | undefined>((found, name) => found?.children.find((child) => child.name === name), element);
}

export function textAt(element: Element | undefined, ...path: readonly string[]): string {
  return at(element, ...path)?.text.trim() ?? '';
}

export function all(element: Element | undefined, name: string): Element[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The element as XML again, without the white space between elements. */
export function xmlOf({ name, currency, children, text }: Element): string {
  const inner = children.length > 0 ? children.map(xmlOf).join('') : escaped(text.trim());
  return `<${name}${currency === '' ? '' : ` Ccy="${escaped(currency)}"`}>${inner}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
