// A disk in memory: what is written or renamed is gone after a power cut until file and folder were synced. A name whose content was
// not synced survives as an empty file, as it does on a journaling file system.

import type { DurableDisk } from '../../lake/store/keep-file.ts';
import type { Gates, Owner } from './gates.ts';

interface Inode {
  content: readonly unknown[];
  synced: boolean;
}

export class SimDisk {
  private names = new Map<string, Inode>();
  private durable = new Map<string, Inode>();

  write(file: string, content: readonly unknown[]): void {
    this.names.set(file, { content, synced: false });
  }

  /** Content of a file; null when there is no such name, or an empty list where the content was lost. */
  read(file: string): readonly unknown[] | null {
    return this.names.get(file)?.content ?? null;
  }

  list(folder: string): string[] {
    return [...this.names.keys()].filter((name) => name.startsWith(folder));
  }

  link(from: string, to: string): void {
    const inode = this.names.get(from);
    if (inode === undefined) throw new Error(`no file ${from}`);
    this.names.set(to, inode);
  }

  unlink(file: string): void {
    this.names.delete(file);
  }

  sync(file: string): void {
    const inode = this.names.get(file);
    if (inode !== undefined) inode.synced = true;
  }

  syncFolder(folder: string): void {
    for (const name of this.durable.keys()) if (name.startsWith(folder) && !this.names.has(name)) this.durable.delete(name);
    for (const [name, inode] of this.names) if (name.startsWith(folder)) this.durable.set(name, inode);
  }

  powerCut(): void {
    this.names = new Map([...this.durable].map(([name, inode]) => [name, inode.synced ? inode : { content: [], synced: true }]));
    this.durable = new Map(this.names);
  }

  /** The operations of lake/store/keep-file.ts, each at a gate of its own. */
  gated(gates: Gates, owner: Owner): DurableDisk {
    return {
      sync: (file) => gates.pass(owner, `sync ${file}`, () => this.sync(file)),
      rename: (from, to) =>
        gates.pass(owner, `rename ${to}`, () => {
          this.link(from, to);
          this.unlink(from);
        }),
      syncFolder: (folder) => gates.pass(owner, `sync ${folder}`, () => this.syncFolder(folder)),
    };
  }
}
