// Where customers live and travel: cities with position, currency and clock. Offsets are fixed (no daylight saving), so days are 24 hours.

export interface Place {
  readonly city: string;
  readonly country: string;
  readonly region: 'America' | 'Asia' | 'Europe' | 'Africa';
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
  readonly utcOffsetMinutes: number;
}

/** Cities in which customers live; the first HOME_PLACES of PLACES. */
export const PLACES: readonly Place[] = [
  { city: 'New York', country: 'US', region: 'America', latitude: 40.71, longitude: -74.01, utcOffsetMinutes: -300 },
  { city: 'Chicago', country: 'US', region: 'America', latitude: 41.88, longitude: -87.63, utcOffsetMinutes: -360 },
  { city: 'Austin', country: 'US', region: 'America', latitude: 30.27, longitude: -97.74, utcOffsetMinutes: -360 },
  { city: 'Seattle', country: 'US', region: 'America', latitude: 47.61, longitude: -122.33, utcOffsetMinutes: -480 },
  { city: 'Boston', country: 'US', region: 'America', latitude: 42.36, longitude: -71.06, utcOffsetMinutes: -300 },
  { city: 'Mumbai', country: 'IN', region: 'Asia', latitude: 19.08, longitude: 72.88, utcOffsetMinutes: 330 },
  { city: 'Bengaluru', country: 'IN', region: 'Asia', latitude: 12.97, longitude: 77.59, utcOffsetMinutes: 330 },
  { city: 'London', country: 'GB', region: 'Europe', latitude: 51.51, longitude: -0.13, utcOffsetMinutes: 0 },
  { city: 'Lisbon', country: 'PT', region: 'Europe', latitude: 38.72, longitude: -9.14, utcOffsetMinutes: 0 },
  { city: 'Lagos', country: 'NG', region: 'Africa', latitude: 6.52, longitude: 3.38, utcOffsetMinutes: 60 },
  { city: 'Singapore', country: 'SG', region: 'Asia', latitude: 1.35, longitude: 103.82, utcOffsetMinutes: 480 },
];

export const HOME_PLACES = 7;

const EARTH_RADIUS_KM = 6_371;

/** Great-circle distance by the haversine formula. */
export function distanceKm(one: Place, other: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const latitude = Math.sin(radians(other.latitude - one.latitude) / 2);
  const longitude = Math.sin(radians(other.longitude - one.longitude) / 2);
  const chord = latitude * latitude + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * longitude * longitude;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(chord));
}
