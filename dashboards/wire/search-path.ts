// A search path's text as the names of its schemas.

/** Lower-case names in order; PostgreSQL's "$user" has no meaning here. */
export function schemasOf(searchPath: string): string[] {
  return searchPath
    .split(',')
    .map((part) => part.trim().replaceAll('"', '').toLowerCase())
    .filter((schema) => schema !== '' && schema !== '$user');
}
