// The registry's wire format: byte 0, the schema's id as four bytes (big endian), then the Avro bytes. JSON never begins with byte 0.

const MAGIC_BYTE = 0;
export const HEADER_BYTES = 5;

/** Schema id of a key or value in the registry's wire format; null for everything else. */
export function schemaIdOf(bytes: Buffer | null): number | null {
  if (bytes === null || bytes.length < HEADER_BYTES || bytes[0] !== MAGIC_BYTE) return null;
  return bytes.readUInt32BE(1);
}

/** Avro bytes with the header in front. */
export function withHeader(schemaId: number, avro: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(HEADER_BYTES + avro.length);
  framed[0] = MAGIC_BYTE;
  framed.writeUInt32BE(schemaId, 1);
  avro.copy(framed, HEADER_BYTES);
  return framed;
}
