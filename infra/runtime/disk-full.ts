// Recognises a write that failed for want of space, whoever says so.

/** DuckDB's and the system's ways of saying so. */
export function isDiskFull(error: unknown): boolean {
  const text = error instanceof Error ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}` : String(error);
  return /no space left on device|ENOSPC|EDQUOT|disk quota exceeded|could not write all bytes|file too large|EFBIG/i.test(text);
}
