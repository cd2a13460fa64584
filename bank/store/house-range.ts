// The ids of house accounts (bank/schema/010_house.sql).

export const HOUSE_FIRST = 801n;
export const HOUSE_LAST = 999n;

export function isHouseAccount(accountId: bigint): boolean {
  return accountId >= HOUSE_FIRST && accountId <= HOUSE_LAST;
}
