// Minor units of the currencies of ISO 4217, as the bank's table of currencies has them; a test holds the two together.

const TWO =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP ' +
  'COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD ' +
  'KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR ' +
  'NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY ' +
  'TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWG ';

const MINOR_UNITS: ReadonlyMap<string, number> = new Map([
  ...unitsOf('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF', 0),
  ...unitsOf(TWO, 2),
  ...unitsOf('BHD IQD JOD KWD LYD OMR TND', 3),
  ...unitsOf('CLF UYW', 4),
]);

function unitsOf(codes: string, digits: number): [string, number][] {
  return codes
    .trim()
    .split(' ')
    .map((code) => [code, digits]);
}

/** Fraction digits of the currency, undefined for one that is no usable currency of ISO 4217. */
export function minorUnitsOf(currency: string): number | undefined {
  return MINOR_UNITS.get(currency);
}

export function knownCurrencies(): readonly string[] {
  return [...MINOR_UNITS.keys()];
}
