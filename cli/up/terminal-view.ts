// `up` on a terminal: a list of steps with their progress, then a block of live figures that is drawn over every second.

import { clearScreenDown, moveCursor } from 'node:readline';
import { Listr } from 'listr2';
import type { SupervisorEvent } from '../../infra/native/supervisor.ts';
import type { Status } from '../../infra/runtime/status.ts';
import { connectLines, liveLines } from './live-lines.ts';
import { eventText, type UpView } from './up-view.ts';

interface Row {
  /** Replaces the row's title. */
  title: (text: string) => void;
  note: (text: string) => void;
  done: () => void;
  fail: () => void;
}

export class TerminalView implements UpView {
  readonly #mysqlClient: string;
  readonly #out = process.stdout;
  readonly #rows = new Map<string, Row>();
  #list: Promise<unknown> = Promise.resolve();
  #started = false;
  /** Kept back while the list of steps owns the screen; at most a line per topic. */
  readonly #remarks: string[] = [];
  #drawn = 0;
  #helpShown = false;

  constructor(mysqlClient: string) {
    this.#mysqlClient = mysqlClient;
  }

  progress({ part, text }: { part: string; text: string }): void {
    if (!this.#rows.has('parts')) this.#show(['parts'], () => 'Getting the parts');
    this.#rows.get('parts')?.note(`${part}: ${text}`);
  }

  begin(steps: readonly string[]): void {
    this.#rows.get('parts')?.done();
    void this.#list.then(() => this.#show(steps, (name) => name));
  }

  event(event: SupervisorEvent): void {
    const row = 'name' in event ? this.#rows.get(event.name) : undefined;
    if (event.kind === 'started') {
      this.#started = true;
      for (const text of this.#remarks.splice(0)) this.#line(text);
    } else if (!this.#started && row !== undefined && (event.kind === 'healthy' || event.kind === 'done')) {
      if (event.kind === 'healthy') row.title(eventText(event) ?? event.name);
      row.done();
    } else {
      const text = eventText(event);
      if (text !== undefined) this.#line(text);
    }
  }

  remark(text: string): void {
    if (this.#started) this.#line(text);
    else this.#remarks.push(text);
  }

  status(status: Status): void {
    if (!this.#helpShown) this.#introduce(status);
    this.#erase();
    const width = Math.max(20, this.#out.columns || 80) - 1;
    const lines = liveLines(status).map((line) => line.slice(0, width));
    this.#out.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  async close(): Promise<void> {
    for (const row of this.#rows.values()) row.fail();
    await this.#list.catch(() => undefined);
    this.#drawn = 0;
  }

  /** Once, above the live block: it must be possible to copy from it. */
  #introduce(status: Status): void {
    this.#helpShown = true;
    const [mysql, psql] = connectLines(status, this.#mysqlClient);
    this.#out.write(`\nLedgerFlow is running. Ctrl-C stops it in order.\n\n`);
    if (status.dashboards !== null) this.#out.write(`  open in a browser   ${status.dashboards.url}\n`);
    if (mysql !== undefined && psql !== undefined) {
      this.#out.write(`  write to the bank   ${mysql}\n  read the lake       ${psql}\n\n`);
    }
  }

  #line(text: string): void {
    this.#erase();
    this.#out.write(`${text}\n`);
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    moveCursor(this.#out, 0, -this.#drawn);
    clearScreenDown(this.#out);
    this.#drawn = 0;
  }

  /** A list whose rows end when told to; its own signal handling is off, because it would end the process. */
  #show(names: readonly string[], title: (name: string) => string): void {
    this.#rows.clear();
    const tasks = names.map((name) => {
      const ended = deferred();
      const row: Row = { title: () => undefined, note: () => undefined, done: ended.resolve, fail: ended.reject };
      this.#rows.set(name, row);
      return {
        title: title(name),
        task: async (_context: unknown, task: { title: string | undefined; output: string }) => {
          row.title = (text) => (task.title = text);
          row.note = (text) => (task.output = text);
          await ended.promise;
        },
      };
    });
    const list = new Listr(tasks as never, { concurrent: false, registerSignalListeners: false, exitOnError: true });
    this.#list = list.run().catch(() => undefined);
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: () => void } {
  let resolve = (): void => undefined;
  let reject = (): void => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = () => no(new Error('not started'));
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
