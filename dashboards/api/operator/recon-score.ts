// The score of a pair of rows in SQL, as stream/recon/match/score.ts gives it, for rows that no run has scored: beyond a tolerance or a window a
// component is 0. Words that were cut off count as other words.

const rule = (path: string): string => `CAST(rules->>'$.${path}' AS DOUBLE)`;
const tokens = (row: string): string => `list_distinct(regexp_extract_all(upper(strip_accents(${row}.description)), '[\\p{L}\\p{N}]{2,}'))`;
const letters = (list: string): string => `length(array_to_string(${list}, ''))`;

const TOLERANCE = (side: 'below' | 'above'): string =>
  `greatest(${rule(`amount.${side}.absolute`)}, abs(i.amount) * ${rule(`amount.${side}.percent`)} / 100)`;
const AMOUNT = `CASE WHEN (e.amount > 0) <> (i.amount > 0) THEN 0 WHEN e.amount = i.amount THEN 1
  ELSE greatest(0, coalesce(1 - abs(abs(e.amount) - abs(i.amount)) / nullif(CASE WHEN abs(e.amount) < abs(i.amount) THEN ${TOLERANCE('below')} ELSE ${TOLERANCE('above')} END, 0), 0)) END`;

const told = (time: string): string => `CASE rules->>'$.timePrecision' WHEN 'day' THEN date_trunc('day', ${time}) ELSE ${time} END`;
const LAG = `(epoch_ms(${told(`CASE rules->>'$.dateBy' WHEN 'value' THEN coalesce(CAST(e.value_date AS TIMESTAMP), e.booked_at) ELSE e.booked_at END`)}) - epoch_ms(${told('i.booked_at')})) / 86400000.0`;
const DATE = `CASE WHEN lag = 0 THEN 1 ELSE greatest(0, coalesce(1 - abs(lag) / nullif(CASE WHEN lag < 0 THEN ${rule('window.beforeDays')} ELSE ${rule('window.afterDays')} END, 0), 0)) END`;
const REFERENCE = `CASE WHEN e.reference_key <> '' AND i.reference_key <> '' THEN jaro_winkler_similarity(e.reference_key, i.reference_key) END`;
const WORDS = `CASE WHEN len(said) > 0 AND len(ours) > 0 THEN 2.0 * ${letters('list_intersect(said, ours)')} / (${letters('said')} + ${letters('ours')}) END`;

/** SELECT of every column of `pairs` and `score`, 0 to 1. @param pairs SQL of rows with the structs e (external) and i (internal) of ops.recon_rows, and rules as JSON */
export function scoredSql(pairs: string): string {
  const weighted = ['amount', 'date', 'reference', 'description'].map((name) => [`coalesce(of_${name} * ${rule(`weights.${name}`)}, 0)`, `CASE WHEN of_${name} IS NULL THEN 0 ELSE ${rule(`weights.${name}`)} END`] as const); // prettier-ignore
  const [sum, weight] = [weighted.map(([value]) => value).join(' + '), weighted.map(([, share]) => share).join(' + ')];
  return `SELECT * EXCLUDE (lag, said, ours, of_amount, of_date, of_reference, of_description), (${sum}) / nullif(${weight}, 0) AS score FROM (
    SELECT *, ${AMOUNT} AS of_amount, ${DATE} AS of_date, ${REFERENCE} AS of_reference, ${WORDS} AS of_description FROM (
      SELECT *, ${LAG} AS lag, ${tokens('e')} AS said, ${tokens('i')} AS ours FROM (${pairs})))`;
}
