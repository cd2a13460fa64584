// The dashboards as files: not stale, no panel over another, every number with a meaning, a unit and thresholds.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { expand, momentOf } from './expand.ts';
import { grafanaFiles } from './files.ts';
import { readDashboards, sqlPanels, type PanelJson } from './testkit.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const ALL = readDashboards();
const PANELS = ALL.flatMap((dashboard) => dashboard.panels.map((panel) => ({ dashboard, panel })));
const SHOWN = PANELS.filter(({ panel }) => panel.type !== 'row');
const SOURCES = readFileSync(path.join(ROOT, 'infra/grafana/provisioning/datasources/ledgerflow.yml'), 'utf8');

interface AlertFile {
  readonly groups: readonly { readonly rules: readonly { readonly uid: string; readonly annotations: Record<string, string> }[] }[];
}
const ALERTS = (
  JSON.parse(readFileSync(path.join(ROOT, 'infra/grafana/provisioning/alerting/ledgerflow.json'), 'utf8')) as AlertFile
).groups.flatMap(({ rules }) => rules);

describe('the files of infra/grafana', () => {
  it.each([...grafanaFiles()])('%s is what `npm run docs` would write', (file, content) => {
    expect(existsSync(path.join(ROOT, file)), 'run npm run docs').toBe(true);
    expect(readFileSync(path.join(ROOT, file), 'utf8')).toBe(content);
  });

  it('are the only dashboards there', () => {
    const written = [...grafanaFiles().keys()].filter((file) => file.startsWith('infra/grafana/dashboards/'));
    expect(ALL).toHaveLength(written.length);
  });
});

const overlap = (a: PanelJson['gridPos'], b: PanelJson['gridPos']): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

describe('every dashboard', () => {
  it('has a uid and a title of its own', () => {
    expect(new Set(ALL.map(({ uid }) => uid)).size).toBe(ALL.length);
    expect(new Set(ALL.map(({ title }) => title)).size).toBe(ALL.length);
  });

  it.each(ALL.map((dashboard) => [dashboard.title, dashboard] as const))(
    '%s: no panel lies over another or beyond the grid',
    (_title, { panels }) => {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const [at, { title, gridPos }] of panels.entries()) {
        expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
        for (const other of panels.slice(at + 1)) expect(overlap(gridPos, other.gridPos), `${title} / ${other.title}`).toBe(false);
      }
    },
  );
});

describe('every panel', () => {
  it.each(SHOWN.map(({ dashboard, panel }) => [`${dashboard.title}: ${panel.title}`, panel] as const))('%s', (_name, panel) => {
    expect(panel.description?.length ?? 0).toBeGreaterThan(10);
    expect(panel.fieldConfig?.defaults.unit).toMatch(/^(locale|short|percentunit|percent|s|ms|bytes|ops)$/);
    expect(panel.fieldConfig?.defaults.thresholds?.steps[0]?.value).toBeNull();
    expect(SOURCES).toContain(`uid: ${panel.datasource?.uid ?? ''}`);
    const refs = (panel.targets ?? []).map(({ refId }) => refId);
    expect(refs.length).toBeGreaterThan(0);
    expect(new Set(refs).size).toBe(refs.length);
  });

  it('that shows money in one currency names it', () => {
    for (const { dashboard, panel, sql } of sqlPanels()) {
      const one = /\bcurrency\b[^a-z]*IN/.test(sql) && panel.fieldConfig?.defaults.unit === 'locale';
      if (one) expect(panel.title, dashboard.title).toContain('${currency}');
    }
  });

  it('names metrics that exist', () => {
    const known = readFileSync(path.join(ROOT, 'docs/metrics.md'), 'utf8');
    const used = SHOWN.flatMap(({ panel }) => panel.targets ?? []).flatMap(({ expr = '' }) => expr.match(/ledgerflow_\w+/g) ?? []);
    expect(used.length).toBeGreaterThan(10);
    for (const name of used) expect(known, name).toContain(name.replace(/_bucket$/, ''));
  });
});

describe('alert rules', () => {
  it('have uids of their own and point at a dashboard', () => {
    expect(new Set(ALERTS.map(({ uid }) => uid)).size).toBe(ALERTS.length);
    for (const { annotations } of ALERTS) expect(ALL.map(({ uid }) => uid)).toContain(annotations['__dashboardUid__']);
  });
});

describe('expanding', () => {
  const expansion = {
    from: new Date('2026-11-01T00:00:00Z'),
    to: new Date('2026-11-02T00:00:00Z'),
    variables: new Map([['v', ["O'Brien", 'x']]]),
    pointsMax: 100,
  };

  it.each([
    ['$__timeFilter(day)', "day BETWEEN '2026-11-01T00:00:00.000Z' AND '2026-11-02T00:00:00.000Z'"],
    ['$__timeGroup(at, $__interval)', 'floor(extract(epoch from at)/900)*900'],
    ["$__timeGroupAlias(at,'5m')", 'floor(extract(epoch from at)/300)*300 AS "time"'],
    ['$__timeFrom()::timestamp', "'2026-11-01T00:00:00.000Z'::timestamp"],
    ['a IN (${v:sqlstring})', "a IN ('O''Brien','x')"],
  ])('%s', (text, expected) => {
    expect(expand(text, expansion)).toBe(expected);
  });

  it('refuses what Grafana would not know', () => {
    expect(() => expand('$__sometime(x)', expansion)).toThrow('no macro __sometime');
    expect(() => expand('${nobody}', expansion)).toThrow('no variable nobody');
    expect(momentOf('now-2h', expansion.to).toISOString()).toBe('2026-11-01T22:00:00.000Z');
  });
});
