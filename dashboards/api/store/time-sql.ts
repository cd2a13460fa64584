// Times of the lake in the answers: ISO 8601 in UTC.

/** SQL for a TIMESTAMP, which is in UTC; whole seconds. */
export const iso = (expression: string): string => `strftime(${expression}, '%Y-%m-%dT%H:%M:%SZ')`;

/** SQL for a TIMESTAMPTZ; whole seconds. */
export const utc = (expression: string): string => iso(`${expression} AT TIME ZONE 'UTC'`);

/** SQL for a TIMESTAMPTZ; milliseconds. */
export const utcMs = (expression: string): string => `strftime(${expression} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')`;

/** SQL for a TIMESTAMPTZ column under its own name. */
export const utcColumn = (column: string): string => `${utc(column)} AS ${column}`;
