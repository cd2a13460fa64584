// Expands a panel's SQL as Grafana does before it asks: first the variables, then the macros of the PostgreSQL data source.
// For tests and the benchmark; the macros follow grafana-postgresql-datasource without TimescaleDB.

export interface Expansion {
  readonly from: Date;
  readonly to: Date;
  /** Values of the dashboard's variables. */
  readonly variables: ReadonlyMap<string, readonly string[]>;
  /** Points a panel can show; decides $__interval. */
  readonly pointsMax?: number;
}

const MACRO = /\$(__\w+)\(([^)]*)\)/g;
const VARIABLE = /\$\{(\w+)(?::(\w+))?\}/g;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
const ROUND_SECONDS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800,
];

/** @throws Error for a variable or macro that Grafana would not know */
export function expand(sql: string, expansion: Expansion): string {
  const { variables } = expansion;
  const withVariables = sql
    .replaceAll('$__interval', () => `${intervalSeconds(expansion)}s`)
    .replace(VARIABLE, (_text, name: string, format: string | undefined) => {
      const values = variables.get(name);
      if (values === undefined) throw new Error(`no variable ${name}`);
      return format === 'sqlstring' ? values.map((value) => `'${value.replaceAll("'", "''")}'`).join(',') : values.join(',');
    });
  return withVariables.replace(MACRO, (_text, name: string, args: string) =>
    macro(
      name,
      args.split(',').map((arg) => arg.trim()),
      expansion,
    ),
  );
}

function macro(name: string, [first = '', second = '']: readonly string[], { from, to }: Expansion): string {
  const [start, end] = [`'${from.toISOString()}'`, `'${to.toISOString()}'`];
  switch (name) {
    case '__timeFilter':
      return `${first} BETWEEN ${start} AND ${end}`;
    case '__timeFrom':
      return start;
    case '__timeTo':
      return end;
    case '__time':
      return `${first} AS "time"`;
    case '__timeGroup':
      return timeGroup(first, second);
    case '__timeGroupAlias':
      return `${timeGroup(first, second)} AS "time"`;
    default:
      throw new Error(`no macro ${name}`);
  }
}

function timeGroup(column: string, interval: string): string {
  const match = /^'?(\d+)([smhdw])'?$/.exec(interval);
  if (match === null) throw new Error(`not an interval: ${interval}`);
  const seconds = Number(match[1]) * (UNIT_SECONDS[match[2] ?? 's'] ?? 1);
  return `floor(extract(epoch from ${column})/${seconds})*${seconds}`;
}

function intervalSeconds({ from, to, pointsMax = 1_000 }: Expansion): number {
  const exact = (to.getTime() - from.getTime()) / 1_000 / pointsMax;
  return ROUND_SECONDS.find((seconds) => seconds >= exact) ?? 604_800;
}

/** `now-90d` as a moment. */
export function momentOf(relative: string, now: Date): Date {
  const match = /^now(?:-(\d+)([smhdw]))?$/.exec(relative);
  if (match === null) throw new Error(`not a relative time: ${relative}`);
  return new Date(now.getTime() - Number(match[1] ?? 0) * (UNIT_SECONDS[match[2] ?? 's'] ?? 1) * 1_000);
}
