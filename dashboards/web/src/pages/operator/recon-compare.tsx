// Both sides of a break or a match beside each other, what differs marked in words; and how alike a pair was found, by component.

import type { SideRow } from '../../../../api/answers/recon.ts';
import { count, decimal, moment, percent, pixels, sum, title } from '../../format.ts';
import { Badge } from '../../parts/badge.tsx';
import { Bar } from '../../parts/bar.tsx';
import { Table } from '../../parts/table.tsx';

interface Field {
  readonly name: string;
  readonly theirs: string;
  readonly ours: string;
  /** What is different, in words; empty: nothing is. */
  readonly differs: string;
}

const NOTHING = '–';

export const sideName = (side: SideRow['side']): string => (side === 'external' ? 'Statement' : 'Our books');

export function Compare({ rows }: { readonly rows: readonly SideRow[] }) {
  const theirs = rows.filter(({ side }) => side === 'external');
  const ours = rows.filter(({ side }) => side === 'internal');
  if (theirs.length > 1 || ours.length > 1) return <Group theirs={theirs} ours={ours} />;
  const cell = (of: 'theirs' | 'ours') => (field: Field) => (field.differs === '' ? field[of] : <mark>{field[of]}</mark>);
  return (
    <Table<Field>
      label="Both sides"
      rows={fieldsOf(theirs[0], ours[0])}
      keyOf={({ name }) => name}
      columns={[
        { name: 'Field', cell: ({ name }) => <span class="muted">{name}</span> },
        { name: theirs.length === 0 ? 'Statement: no row' : 'Statement', cell: cell('theirs') },
        { name: ours.length === 0 ? 'Our books: no row' : 'Our books', cell: cell('ours') },
        { name: 'Differs', cell: ({ differs }) => (differs === '' ? '' : <Badge tone="warn">{differs}</Badge>) },
      ]}
    />
  );
}

/** The fields of a pair, or of the one row there is. */
export function fieldsOf(theirs: SideRow | undefined, ours: SideRow | undefined): readonly Field[] {
  const field = (name: string, of: (row: SideRow) => string, differs: string): Field => ({
    name,
    theirs: theirs === undefined ? NOTHING : of(theirs) || NOTHING,
    ours: ours === undefined ? NOTHING : of(ours) || NOTHING,
    differs,
  });
  const pair = theirs === undefined || ours === undefined ? null : { theirs, ours };
  const words = (of: (row: SideRow) => string): string =>
    pair === null || of(pair.theirs) === '' || of(pair.ours) === '' || same(of(pair.theirs), of(pair.ours)) ? '' : 'other words';
  return [
    field('Number', ({ id }) => id, ''),
    field('Amount', ({ amount }) => decimal(amount), pair === null ? '' : amountDiffers(pair.theirs, pair.ours)),
    field('Currency', ({ currency }) => currency, pair === null || pair.theirs.currency === pair.ours.currency ? '' : 'other currency'),
    field('Booked', ({ booked_at: at }) => moment(at), pair === null ? '' : daysDiffer(pair.theirs.booked_at, pair.ours.booked_at)),
    field('Value date', ({ value_date: day }) => day ?? '', ''),
    field(
      'Reference',
      ({ reference }) => reference,
      words(({ reference }) => reference),
    ),
    field(
      'Description',
      ({ description }) => description,
      words(({ description }) => description),
    ),
    field('Batch', ({ batch_key: key }) => key, ''),
  ].filter(({ theirs: one, ours: other }) => one !== NOTHING || other !== NOTHING);
}

const same = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

function amountDiffers(theirs: SideRow, ours: SideRow): string {
  const difference = sum([theirs.amount, negated(ours.amount)]);
  return isZero(difference) ? '' : decimal(difference, true);
}

function daysDiffer(theirs: string, ours: string): string {
  const days = Math.round((Date.parse(theirs.slice(0, 10)) - Date.parse(ours.slice(0, 10))) / 86_400_000);
  if (days === 0) return '';
  return `${Math.abs(days)} ${Math.abs(days) === 1 ? 'day' : 'days'} ${days > 0 ? 'later' : 'earlier'}`;
}

const isZero = (text: string): boolean => !/[1-9]/.test(text);
const negated = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`);

/** Rows of a group, with what each side comes to. */
function Group({ theirs, ours }: { readonly theirs: readonly SideRow[]; readonly ours: readonly SideRow[] }) {
  const total = (rows: readonly SideRow[]): string => sum(rows.map(({ amount }) => amount));
  const off = sum([total(theirs), negated(total(ours))]);
  return (
    <>
      <Table<SideRow>
        label="Rows of both sides"
        rows={[...theirs, ...ours]}
        keyOf={({ row_no: no }) => no}
        columns={[
          { name: 'Side', cell: ({ side }) => sideName(side) },
          { name: 'Number', cell: ({ id }) => id },
          { name: 'Booked', cell: ({ booked_at: at }) => <span class="nowrap">{moment(at)}</span> },
          { name: 'Amount', numeric: true, cell: ({ amount, currency }) => `${decimal(amount)} ${currency}` },
          { name: 'Reference', wideOnly: true, cell: ({ reference }) => reference || NOTHING },
          { name: 'Description', wideOnly: true, cell: ({ description }) => description || NOTHING },
        ]}
      />
      <p>
        Statement {decimal(total(theirs))}, our books {decimal(total(ours))}
        {isZero(off) ? ': equal' : <mark>: differs by {decimal(off, true)}</mark>}
      </p>
    </>
  );
}

interface ScoreProps {
  readonly score: string | null;
  readonly components: string | null;
  readonly weights: string | null;
  readonly suggest: string | null;
  readonly auto: string | null;
}

interface Part {
  readonly name: string;
  readonly likeness: number | null;
  readonly weight: number | null;
  readonly points: number | null;
}

/** The components of a score: how alike, with what weight, and what that is worth. A component that one side says nothing of has none. */
export function partsOf(components: string, weights: string | null): readonly Part[] {
  const likeness = JSON.parse(components) as Readonly<Record<string, number | null>>;
  const weightOf = (weights === null ? {} : JSON.parse(weights)) as Readonly<Record<string, number>>;
  const spoken = Object.entries(likeness).filter(([name, value]) => value !== null && name in weightOf);
  const all = spoken.reduce((total, [name]) => total + (weightOf[name] ?? 0), 0);
  return Object.entries(likeness).map(([name, value]) => {
    const weight = value === null || all === 0 || weightOf[name] === undefined ? null : weightOf[name] / all;
    return { name, likeness: value, weight, points: value === null || weight === null ? null : value * weight };
  });
}

export function Score({ score, components, weights, suggest, auto }: ScoreProps) {
  if (score === null || components === null) return null;
  const marks = [suggest, auto].flatMap((mark) => (mark === null ? [] : [pixels(mark)]));
  return (
    <div class="stack-small">
      <p>
        Score <strong>{count(score, 4)}</strong>
        {suggest !== null && auto !== null && `; from ${count(suggest, 2)} a pair is suggested, from ${count(auto, 2)} it is confirmed`}
      </p>
      <Bar label={`Score ${count(score, 4)}`} share={pixels(score)} marks={marks} />
      <Table<Part>
        label="Components of the score"
        rows={partsOf(components, weights)}
        keyOf={({ name }) => name}
        columns={[
          { name: 'Component', cell: ({ name }) => title(name) },
          {
            name: 'How alike',
            cell: ({ name, likeness }) =>
              likeness === null ? <span class="muted">one side says nothing</span> : <Bar label={title(name)} share={likeness} />,
          },
          { name: 'Likeness', numeric: true, cell: ({ likeness }) => (likeness === null ? NOTHING : count(String(likeness), 4)) },
          { name: 'Weight', numeric: true, wideOnly: true, cell: ({ weight }) => (weight === null ? NOTHING : percent(String(weight))) },
          { name: 'Points', numeric: true, cell: ({ points }) => (points === null ? NOTHING : count(String(points), 4)) },
        ]}
      />
    </div>
  );
}
