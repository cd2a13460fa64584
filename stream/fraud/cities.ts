// Where cities are, for sources that name a merchant's city and no coordinates. A city that is not here has no place, and rules about
// places leave its merchants alone. Degrees, rounded: rules ask for hundreds of kilometres.

import { literal } from '../../infra/runtime/sql-text.ts';

const CITIES: readonly (readonly [city: string, country: string, latitude: number, longitude: number])[] = [
  ['New York', 'US', 40.71, -74.01], ['Los Angeles', 'US', 34.05, -118.24], ['Chicago', 'US', 41.88, -87.63], ['Houston', 'US', 29.76, -95.37],
  ['Phoenix', 'US', 33.45, -112.07], ['Philadelphia', 'US', 39.95, -75.17], ['San Antonio', 'US', 29.42, -98.49], ['San Diego', 'US', 32.72, -117.16],
  ['Dallas', 'US', 32.78, -96.8], ['Austin', 'US', 30.27, -97.74], ['San Francisco', 'US', 37.77, -122.42], ['Seattle', 'US', 47.61, -122.33],
  ['Denver', 'US', 39.74, -104.99], ['Washington', 'US', 38.91, -77.04], ['Boston', 'US', 42.36, -71.06], ['Atlanta', 'US', 33.75, -84.39],
  ['Miami', 'US', 25.76, -80.19], ['Las Vegas', 'US', 36.17, -115.14], ['Toronto', 'CA', 43.65, -79.38], ['Vancouver', 'CA', 49.28, -123.12],
  ['Montreal', 'CA', 45.5, -73.57], ['Mexico City', 'MX', 19.43, -99.13], ['Bogota', 'CO', 4.71, -74.07], ['Lima', 'PE', -12.05, -77.04],
  ['Santiago', 'CL', -33.45, -70.67], ['Buenos Aires', 'AR', -34.6, -58.38], ['Sao Paulo', 'BR', -23.55, -46.63], ['Rio de Janeiro', 'BR', -22.91, -43.17],
  ['London', 'GB', 51.51, -0.13], ['Manchester', 'GB', 53.48, -2.24], ['Dublin', 'IE', 53.35, -6.26], ['Paris', 'FR', 48.86, 2.35],
  ['Lyon', 'FR', 45.76, 4.84], ['Brussels', 'BE', 50.85, 4.35], ['Amsterdam', 'NL', 52.37, 4.9], ['Berlin', 'DE', 52.52, 13.41],
  ['Hamburg', 'DE', 53.55, 9.99], ['Munich', 'DE', 48.14, 11.58], ['Frankfurt', 'DE', 50.11, 8.68], ['Zurich', 'CH', 47.37, 8.54],
  ['Geneva', 'CH', 46.2, 6.14], ['Vienna', 'AT', 48.21, 16.37], ['Rome', 'IT', 41.9, 12.5], ['Milan', 'IT', 45.46, 9.19],
  ['Madrid', 'ES', 40.42, -3.7], ['Barcelona', 'ES', 41.39, 2.17], ['Lisbon', 'PT', 38.72, -9.14], ['Copenhagen', 'DK', 55.68, 12.57],
  ['Stockholm', 'SE', 59.33, 18.07], ['Oslo', 'NO', 59.91, 10.75], ['Helsinki', 'FI', 60.17, 24.94], ['Warsaw', 'PL', 52.23, 21.01],
  ['Prague', 'CZ', 50.08, 14.44], ['Budapest', 'HU', 47.5, 19.04], ['Bucharest', 'RO', 44.43, 26.1], ['Athens', 'GR', 37.98, 23.73],
  ['Istanbul', 'TR', 41.01, 28.98], ['Kyiv', 'UA', 50.45, 30.52], ['Moscow', 'RU', 55.76, 37.62], ['Tel Aviv', 'IL', 32.09, 34.78],
  ['Dubai', 'AE', 25.2, 55.27], ['Riyadh', 'SA', 24.71, 46.68], ['Doha', 'QA', 25.29, 51.53], ['Cairo', 'EG', 30.04, 31.24],
  ['Lagos', 'NG', 6.52, 3.38], ['Accra', 'GH', 5.6, -0.19], ['Nairobi', 'KE', -1.29, 36.82], ['Johannesburg', 'ZA', -26.2, 28.05],
  ['Cape Town', 'ZA', -33.92, 18.42], ['Casablanca', 'MA', 33.57, -7.59], ['Mumbai', 'IN', 19.08, 72.88], ['Delhi', 'IN', 28.61, 77.21],
  ['New Delhi', 'IN', 28.61, 77.21], ['Bengaluru', 'IN', 12.97, 77.59], ['Bangalore', 'IN', 12.97, 77.59], ['Hyderabad', 'IN', 17.39, 78.49],
  ['Chennai', 'IN', 13.08, 80.27], ['Kolkata', 'IN', 22.57, 88.36], ['Pune', 'IN', 18.52, 73.86], ['Karachi', 'PK', 24.86, 67.01],
  ['Dhaka', 'BD', 23.81, 90.41], ['Bangkok', 'TH', 13.76, 100.5], ['Singapore', 'SG', 1.35, 103.82], ['Kuala Lumpur', 'MY', 3.14, 101.69],
  ['Jakarta', 'ID', -6.21, 106.85], ['Manila', 'PH', 14.6, 120.98], ['Hanoi', 'VN', 21.03, 105.85], ['Hong Kong', 'HK', 22.32, 114.17],
  ['Shanghai', 'CN', 31.23, 121.47], ['Beijing', 'CN', 39.9, 116.41], ['Shenzhen', 'CN', 22.54, 114.06], ['Taipei', 'TW', 25.03, 121.57],
  ['Seoul', 'KR', 37.57, 126.98], ['Tokyo', 'JP', 35.68, 139.69], ['Osaka', 'JP', 34.69, 135.5], ['Sydney', 'AU', -33.87, 151.21],
  ['Melbourne', 'AU', -37.81, 144.96], ['Auckland', 'NZ', -36.85, 174.76],
]; // prettier-ignore

/** Relation (city, country, latitude, longitude). */
export function citiesSql(): string {
  const rows = CITIES.map(
    ([city, country, latitude, longitude]) => `(${literal(city)}, ${literal(country)}, ${latitude}::DOUBLE, ${longitude}::DOUBLE)`,
  );
  return `(FROM (VALUES ${rows.join(', ')}) AS named(city, country, latitude, longitude))`;
}
