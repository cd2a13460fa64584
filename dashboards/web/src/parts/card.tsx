// A titled box, and what stands in it while there is nothing to show.

import type { ComponentChildren } from 'preact';
import type { Section as SectionData } from '../../../api/answers/common.ts';

interface CardProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ title, note, wide = false, children }: CardProps) {
  const id = `card-${title.replaceAll(/\W+/g, '-').toLowerCase()}`;
  return (
    <section class={wide ? 'card wide' : 'card'} aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <div class="card-note">{note}</div>}
      </header>
      {children}
    </section>
  );
}

interface RowsProps<Row> {
  readonly of: SectionData<Row> | undefined;
  /** Said when there are no rows. */
  readonly empty: ComponentChildren;
  /** What will stand here, said while its table does not exist. */
  readonly later?: string;
  readonly children: (rows: readonly Row[]) => ComponentChildren;
}

/** The rows of a part of an answer, or what is the matter with them. */
export function Rows<Row>({ of, empty, later, children }: RowsProps<Row>) {
  if (of === undefined) return <Loading />;
  if (of.state === 'absent') return <Empty>{later ?? `Not available yet: ${of.table} does not exist in this lake.`}</Empty>;
  if (of.state === 'failed') return <Failure>This part could not be read: {of.message}</Failure>;
  return of.rows.length === 0 ? <Empty>{empty}</Empty> : <>{children(of.rows)}</>;
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export function Failure({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="failure" role="alert">
      {children}
    </p>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading</span>
    </div>
  );
}

/** The rows of a section, none when it has none to give. */
export function rowsOf<Row>(section: SectionData<Row> | undefined): readonly Row[] {
  return section?.state === 'ready' ? section.rows : [];
}
