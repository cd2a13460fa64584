// Turns the relation names that models, increments and checks use into SQL:
//   silver.T, gold.M     as they are (a restricted model reads live.T in place of silver.T)
//   live.T               changed rows of silver.T that are live
//   fresh.M, stale.M     rows of a `rows` model that came, and that went
//   changed.M            both
//   arrived.T, gone.T    temporary tables of an increment: live.T, and changed keys that are not live any more
// fresh, stale, arrived and gone are temporary tables that always exist and are empty when nothing is in them: so the
// texts stay the same from refresh to refresh and their plans are kept (statements.ts).

import { isEmpty, liveSql, mayHaveGone, type TableWindow } from './window.ts';

/** What one refresh knows about each relation. */
export interface RefreshScope {
  readonly windows: ReadonlyMap<string, TableWindow>;
}

const REFERENCE = /\b(fresh|stale|arrived|gone|changed)\.(\w+)/g;

export function resolveRelations(sql: string): string {
  return sql.replaceAll(REFERENCE, (_, kind: string, name: string) =>
    kind === 'changed' ? `(SELECT * FROM temp.fresh_${name} UNION ALL SELECT * FROM temp.stale_${name})` : `temp.${kind}_${name}`,
  );
}

/** Names of one kind of relation that a text refers to. */
export function referredTo(kind: 'arrived' | 'gone' | 'fresh' | 'stale', sql: string): string[] {
  return [...new Set([...sql.matchAll(new RegExp(`\\b${kind}\\.(\\w+)`, 'g'))].map((match) => match[1] ?? ''))];
}

/** A `rows` model's SELECT over the changed rows of its one input. */
export function restrictToWindow(sql: string, scope: RefreshScope): string {
  return sql.replaceAll(/\bsilver\.(\w+)/g, (_, table: string) => {
    const window = scope.windows.get(table);
    return window === undefined ? `silver.${table}` : liveSql(window);
  });
}

/**
 * Statements of an increment or check file that apply: `-- when {{a}} = {{b}}: …` and the `-- otherwise: …` after it are alternatives;
 * a statement that only removes what is gone is left out when nothing can be.
 */
export function applicableStatements(text: string, scope: RefreshScope, literals: ReadonlyMap<string, string>): string[] {
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

/** `-- temporary name: columns` lines of an increment file: tables of its own, empty at the start of a refresh. */
export function incrementTables(text: string): { name: string; columns: string }[] {
  return [...text.matchAll(/^-- temporary (\w+): (.+)$/gm)].map((match) => ({ name: match[1] ?? '', columns: match[2] ?? '' }));
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
