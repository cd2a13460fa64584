// Turns the relation names that models, increments and checks use into SQL for one refresh:
//   silver.T, gold.M     as they are (a restricted model reads live.T in place of silver.T)
//   live.T, gone.T       changed rows of silver.T that are live; changed keys that are not
//   fresh.M, stale.M     rows of a `rows` model that came, and that went
//   changed.M            both

import { goneSql, isEmpty, liveSql, mayHaveGone, type TableWindow } from './window.ts';

/** What one refresh knows about each relation. */
export interface RefreshScope {
  readonly windows: ReadonlyMap<string, TableWindow>;
  /** Models with a temp.fresh_M of this refresh. */
  readonly fresh: ReadonlySet<string>;
  /** Models with a temp.stale_M of this refresh. */
  readonly stale: ReadonlySet<string>;
}

const REFERENCE = /\b(live|gone|fresh|stale|changed)\.(\w+)/g;

const nothingOf = (relation: string): string => `(SELECT * FROM ${relation} WHERE false)`;

function resolveOne(kind: string, name: string, scope: RefreshScope): string {
  const window = scope.windows.get(name);
  switch (kind) {
    case 'live':
      return window === undefined || isEmpty(window) ? nothingOf(`silver.${name}`) : liveSql(window);
    case 'gone':
      return window === undefined || isEmpty(window) ? nothingOf(`silver.${name}`) : goneSql(window);
    case 'fresh':
      return scope.fresh.has(name) ? `temp.fresh_${name}` : nothingOf(`gold.${name}`);
    case 'stale':
      return scope.stale.has(name) ? `temp.stale_${name}` : nothingOf(`gold.${name}`);
    default:
      if (!scope.stale.has(name)) return resolveOne('fresh', name, scope);
      if (!scope.fresh.has(name)) return resolveOne('stale', name, scope);
      return `(SELECT * FROM temp.fresh_${name} UNION ALL SELECT * FROM temp.stale_${name})`;
  }
}

export function resolveRelations(sql: string, scope: RefreshScope): string {
  return sql.replaceAll(REFERENCE, (_, kind: string, name: string) => resolveOne(kind, name, scope));
}

/** A `rows` model's SELECT over the changed rows of its one input. */
export function restrictToWindow(sql: string, scope: RefreshScope): string {
  return resolveRelations(sql.replaceAll(/\bsilver\.(\w+)/g, 'live.$1'), scope);
}

/**
 * Statements of an increment file that apply: `-- when {{a}} = {{b}}: …` and the `-- otherwise: …` after it are alternatives;
 * a statement that only removes what is gone is left out when nothing can be.
 */
export function incrementStatements(text: string, scope: RefreshScope, literals: ReadonlyMap<string, string>): string[] {
  let taken = false;
  return splitStatements(text).flatMap(({ comment, statement }) => {
    const when = /^-- when \{\{(\w+)\}\} = \{\{(\w+)\}\}/m.exec(comment);
    if (when !== null) taken = literals.get(when[1] ?? '') === literals.get(when[2] ?? '');
    if ((when !== null && !taken) || (/^-- otherwise/m.test(comment) && taken)) return [];
    const gone = /\bgone\.(\w+)/.exec(statement);
    const window = gone === null ? undefined : scope.windows.get(gone[1] ?? '');
    return gone === null || (window !== undefined && !isEmpty(window) && mayHaveGone(window)) ? [statement] : [];
  });
}

/** `-- literal name: SELECT …` lines of an increment file: values found first and put in as constants, which zone maps can use. */
export function incrementLiterals(text: string): { name: string; sql: string }[] {
  return [...text.matchAll(/^-- literal (\w+): (.+)$/gm)].map((match) => ({ name: match[1] ?? '', sql: match[2] ?? '' }));
}

function splitStatements(text: string): { comment: string; statement: string }[] {
  return text
    .split(/;\s*$/m)
    .map((part) => {
      const lines = part.split('\n');
      const isComment = (line: string): boolean => line.trimStart().startsWith('--');
      return {
        comment: lines.filter(isComment).join('\n'),
        statement: lines
          .filter((line) => !isComment(line))
          .join('\n')
          .trim(),
      };
    })
    .filter(({ statement }) => statement !== '');
}
