#!/usr/bin/env node
// Entry of the `ledgerflow` command: lets Node read TypeScript, then hands over to main.ts.

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`LedgerFlow needs Node 20.19 or newer, this is ${process.versions.node}.`);
  process.exit(1);
}
const tsx = await import('tsx/esm/api').catch(() => undefined);
if (tsx === undefined) {
  console.error('The dependencies are not installed: run `npm ci` in the folder of LedgerFlow first.');
  process.exit(1);
}
tsx.register();
const { main } = await import('./main.ts');
await main(process.argv);
