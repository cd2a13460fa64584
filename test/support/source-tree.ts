// Reads the project's own source through the TypeScript parser: what the architecture test measures.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const ROOMS = ['infra', 'bank', 'cdc', 'lake', 'stream', 'dashboards', 'cli', 'test', 'bench'] as const;
export type Room = (typeof ROOMS)[number];

export interface SourceFile {
  /** Path from the project's root, with slashes. */
  readonly path: string;
  readonly room: Room;
  readonly isTest: boolean;
  readonly text: string;
  readonly ast: ts.SourceFile;
}

export interface FunctionSize {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
  /** The callback of a test's describe(): a list of cases rather than a function. */
  readonly isSuite: boolean;
}

/** Every .ts, .tsx, .mjs and .js file of the rooms; what is built from them is left out. */
export function readSources(): SourceFile[] {
  return ROOMS.flatMap((room) => filesUnder(room).filter((file) => /\.(tsx?|mjs|js)$/.test(file))).map(parse);
}

/** Files below a folder of the project, as paths from the root; none when the folder does not exist. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(path.join(ROOT, folder))) return [];
  const entries = readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)));
  return files
    .filter((file) => !file.includes('node_modules') && !file.includes('.ledgerflow') && !file.startsWith('dashboards/web/dist'))
    .sort();
}

function parse(file: string): SourceFile {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const ast = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  return { path: file, room: file.split('/')[0] as Room, isTest: isTestFile(file), text, ast };
}

/** Tests and what only tests use: *.test.ts, test/, a room's `testing` folders and `…testkit…` files. */
export function isTestFile(file: string): boolean {
  return /\.test\.ts$|^test\/|\/testing\/|testkit[^/]*\.ts$/.test(file);
}

/** Number of lines, as an editor counts them. */
export function lineCount(file: SourceFile): number {
  return file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
}

/** What a file imports or re-exports: `./x.ts`, `node:fs`, `pg`; dynamic imports and type imports too. */
export function importsOf(file: SourceFile): string[] {
  const found: string[] = [];
  visit(file.ast, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      found.push((node.moduleSpecifier as ts.StringLiteral).text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
      found.push(node.argument.literal.text);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [target] = node.arguments;
      if (target !== undefined && ts.isStringLiteral(target)) found.push(target.text);
    }
  });
  return found;
}

/** Imports inside the project, resolved to paths from the root. */
export function localImportsOf(file: SourceFile): string[] {
  const relative = importsOf(file).filter((target) => target.startsWith('.'));
  return relative.map((target) => path.posix.normalize(path.posix.join(path.posix.dirname(file.path), target)));
}

/** Packages a file imports, by the name that stands in package.json. */
export function packagesOf(file: SourceFile): string[] {
  const bare = importsOf(file).filter((target) => !target.startsWith('.') && !target.startsWith('node:'));
  return bare.map((target) => (target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0]!));
}

/** Every function with a body. */
export function functionsOf(file: SourceFile): FunctionSize[] {
  const found: FunctionSize[] = [];
  visit(file.ast, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    const first = file.ast.getLineAndCharacterOfPosition(node.getStart(file.ast)).line;
    const last = file.ast.getLineAndCharacterOfPosition(node.getEnd()).line;
    const parameters = node.parameters.filter((parameter) => parameter.name.getText(file.ast) !== 'this').length;
    found.push({ name: nameOf(node), line: first + 1, lines: last - first + 1, parameters, isSuite: isSuite(node) });
  });
  return found;
}

/** Uses such as `process.exit`, `console.log`, `parseFloat`, with their lines. */
export function usesOf(file: SourceFile): { readonly text: string; readonly line: number }[] {
  const found: { text: string; line: number }[] = [];
  visit(file.ast, (node) => {
    const isMember = ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression);
    const isCall = ts.isCallExpression(node) && ts.isIdentifier(node.expression);
    if (!isMember && !isCall) return;
    const text = isCall ? `${node.expression.getText(file.ast)}()` : node.getText(file.ast);
    found.push({ text, line: file.ast.getLineAndCharacterOfPosition(node.getStart(file.ast)).line + 1 });
  });
  return found;
}

/** Statements that make a barrel or a default export. */
export function exportFaultsOf(file: SourceFile): string[] {
  const faults: string[] = [];
  for (const statement of file.ast.statements) {
    if (ts.isExportAssignment(statement)) faults.push('default export');
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) faults.push('re-export');
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)) faults.push('default export');
  }
  return faults;
}

/** The groups of nodes that reach each other (Tarjan's strongly connected components of more than one node). */
export function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const walk = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) walk(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) cycles.push(group.sort());
  };
  for (const node of graph.keys()) if (!index.has(node)) walk(node);
  return cycles;
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  if (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent)) return node.parent.name.getText();
  return '(anonymous)';
}

function isSuite(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());
}
