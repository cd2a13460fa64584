// JSON values as they stand in answers and metadata.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface JsonObject {
  readonly [name: string]: Json;
}

/** An id as JSON: a number while a number can hold it exactly, text beyond. */
export function idJson(id: bigint): number | string {
  return id >= -BigInt(Number.MAX_SAFE_INTEGER) && id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : id.toString();
}
