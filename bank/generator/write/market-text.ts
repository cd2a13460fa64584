// Prices, quantities and days of expiry as text.

/** Units of 0.0001 as a decimal literal. */
export function fourDigits(units: bigint): string {
  const digits = units.toString().padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

/** The last day of the month that lies `months` after that of `fromMs`. */
export function expiryText(fromMs: number, months: number): string {
  const from = new Date(fromMs);
  return new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0)).toISOString().slice(0, 10);
}
