// What the synthetic world is made of: names, cities, merchant categories (ISO 18245 codes) with typical tickets in major units.

export const FIRST_NAMES = [
  'Ada', 'Alan', 'Amara', 'Anika', 'Arjun', 'Bo', 'Carlos', 'Chen', 'Dara', 'Elena', 'Farid', 'Grace', 'Hana', 'Ines', 'Ivan', 'Jonas',
  'Kavya', 'Leila', 'Liam', 'Maya', 'Mei', 'Noah', 'Olga', 'Omar', 'Priya', 'Quinn', 'Rosa', 'Sami', 'Tara', 'Uma', 'Viktor', 'Zoe',
] as const; // prettier-ignore

export const LAST_NAMES = [
  'Adams', 'Bauer', 'Costa', 'Das', 'Eriksen', 'Fischer', 'Garcia', 'Haddad', 'Ito', 'Jansen', 'Kapoor', 'Lopez', 'Mehta', 'Nakamura',
  "O'Brien", 'Patel', 'Qureshi', 'Rossi', 'Sharma', 'Tanaka', 'Ueda', 'Vargas', 'Weber', 'Xu', 'Yilmaz', 'Zhang',
] as const; // prettier-ignore

export const CITIES = [
  { city: 'New York', country: 'US' },
  { city: 'Chicago', country: 'US' },
  { city: 'Austin', country: 'US' },
  { city: 'Seattle', country: 'US' },
  { city: 'Boston', country: 'US' },
  { city: 'Mumbai', country: 'IN' },
  { city: 'Bengaluru', country: 'IN' },
] as const;

export interface MerchantKind {
  readonly category: string;
  readonly mcc: string;
  readonly names: readonly string[];
  /** Smallest and largest ticket, whole major units. */
  readonly ticket: readonly [number, number];
}

export const MERCHANT_KINDS: readonly MerchantKind[] = [
  { category: 'groceries', mcc: '5411', names: ['Green Basket', 'Corner Market', 'Fresh Lane'], ticket: [8, 140] },
  { category: 'restaurants', mcc: '5812', names: ['Blue Plate', 'Noodle House', 'La Piazza'], ticket: [10, 90] },
  { category: 'fuel', mcc: '5541', names: ['Highway Fuel', 'City Pumps'], ticket: [20, 80] },
  { category: 'transport', mcc: '4111', names: ['Metro Lines', 'River Ferry'], ticket: [2, 30] },
  { category: 'streaming', mcc: '4899', names: ['Streamly', 'TuneBox'], ticket: [5, 20] },
  { category: 'pharmacy', mcc: '5912', names: ['Care Pharmacy', 'Wellness Point'], ticket: [4, 60] },
  { category: 'clothing', mcc: '5651', names: ['Thread and Co', 'Urban Wardrobe'], ticket: [15, 180] },
  { category: 'electronics', mcc: '5732', names: ['Volt Store', 'Gadget Yard'], ticket: [25, 900] },
  { category: 'books', mcc: '5942', names: ['Page Turner', 'Old Town Books'], ticket: [6, 70] },
  { category: 'cinema', mcc: '7832', names: ['Grand Screen', 'Moonlight Cinema'], ticket: [9, 45] },
  { category: 'utilities', mcc: '4900', names: ['City Power', 'Clear Water'], ticket: [30, 160] },
  { category: 'hotels', mcc: '7011', names: ['Harbour Inn', 'Station Hotel'], ticket: [70, 420] },
  { category: 'airlines', mcc: '4511', names: ['North Air', 'Blue Sky Airways'], ticket: [90, 700] },
  { category: 'insurance', mcc: '6300', names: ['Safe Harbour', 'Evergreen Mutual'], ticket: [20, 210] },
  { category: 'gaming', mcc: '7994', names: ['Pixel Arcade', 'Quest Games'], ticket: [3, 60] },
];

export const DEVICE_KINDS = [
  { kind: 'phone', os: 'Android 16' },
  { kind: 'phone', os: 'iOS 19' },
  { kind: 'tablet', os: 'iOS 19' },
  { kind: 'desktop', os: 'Windows 11' },
  { kind: 'desktop', os: 'Debian 12' },
] as const;
