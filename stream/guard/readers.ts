// What reads a captured table or one of its columns: models of gold that name it, everything made of those, and the dashboards over them.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadModels, type Model } from '../../lake/gold/model.ts';

const DASHBOARDS = path.join(import.meta.dirname, '..', '..', 'infra', 'grafana', 'dashboards');

export class Readers {
  private readonly models: readonly Model[];
  private readonly dashboards: readonly { readonly title: string; readonly text: string }[];

  constructor(models: readonly Model[], dashboards: readonly { readonly title: string; readonly text: string }[]) {
    this.models = models;
    this.dashboards = dashboards;
  }

  /** Of this version of the product. */
  static load(): Readers {
    const files = readdirSync(DASHBOARDS).filter((name) => name.endsWith('.json'));
    const dashboards = files.map((name) => {
      const text = readFileSync(path.join(DASHBOARDS, name), 'utf8');
      return { title: (JSON.parse(text) as { title: string }).title, text };
    });
    return new Readers(loadModels(), dashboards);
  }

  /**
   * Models that fail or change when the table, or the column, is not what it was. A column counts as read where its name stands in the
   * SELECT of a model that reads the table: a filter and a join depend on it too, though no value comes from it.
   */
  modelsOver(table: string, column: string | null): string[] {
    const named = column === null ? null : new RegExp(`\\b${column.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\b`, 'i');
    const reached = new Set(
      this.models
        .filter(({ silverInputs, sql }) => silverInputs.some((input) => input.table === table) && (named === null || named.test(sql)))
        .map(({ name }) => name),
    );
    for (let before = -1; before !== reached.size;) {
      before = reached.size;
      for (const { name, goldInputs } of this.models) if (goldInputs.some((input) => reached.has(input))) reached.add(name);
    }
    return [...reached].sort();
  }

  dashboardsOver(models: readonly string[]): string[] {
    const reading = (text: string): boolean => models.some((name) => new RegExp(`\\bgold\\.${name}\\b`).test(text));
    return this.dashboards.filter(({ text }) => reading(text)).map(({ title }) => title);
  }
}
