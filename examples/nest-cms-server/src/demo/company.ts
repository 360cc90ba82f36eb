import type { Currency } from '@nestcms/paytabs-client';
import type { OfferStatus } from '../features/offers/offer.machine.js';
import type { Role } from '../identity/caller.js';
import type { PaymentStatus } from '../payments/payment.machine.js';

/** Everybody of the demo signs in with this. It never exists in production. */
export const DEMO_PASSWORD = 'nestcms demo 2026';

type PersonKey = 'layla' | 'omar' | 'noura' | 'sara' | 'hassan' | 'amal';

export const PEOPLE: readonly { key: PersonKey; fullName: string; email: string; role: Role }[] = [
  { key: 'layla', fullName: 'Layla Haddad', email: 'layla@demo.nestcms.example', role: 'manager' },
  { key: 'omar', fullName: 'Omar Saleh', email: 'omar@demo.nestcms.example', role: 'employee' },
  { key: 'noura', fullName: 'Noura Aziz', email: 'noura@demo.nestcms.example', role: 'employee' },
  { key: 'sara', fullName: 'Sara Karim', email: 'sara@demo.nestcms.example', role: 'client' },
  { key: 'hassan', fullName: 'Hassan Nabil', email: 'hassan@demo.nestcms.example', role: 'client' },
  { key: 'amal', fullName: 'Amal Farouk', email: 'amal@demo.nestcms.example', role: 'client' },
];

interface DemoPayment {
  readonly title: string;
  readonly minor: number;
  readonly status: PaymentStatus;
  /** Of a `processing` one: minutes, or the server soon finds that its page must be over. */
  readonly daysAgo: number;
}

export interface DemoDeal {
  readonly title: string;
  readonly content: string;
  readonly employee: PersonKey;
  readonly client: PersonKey;
  readonly minor: number;
  readonly currency: Currency;
  readonly offer: OfferStatus;
  readonly daysAgo: number;
  /** What was invoiced on the contract of a converted offer. */
  readonly payments?: readonly DemoPayment[];
}

/** A small interior design house in Dubai: offers in each state, payments in each state. */
export const DEALS: readonly DemoDeal[] = [
  {
    title: 'Two-bedroom flat in Marina',
    content: 'Concept, drawings and supervision for the living room, two bedrooms and the kitchen.',
    employee: 'omar',
    client: 'sara',
    minor: 4_800_000,
    currency: 'AED',
    offer: 'converted',
    daysAgo: 62,
    payments: [
      { title: 'Deposit', minor: 1_200_000, status: 'paid', daysAgo: 58 },
      { title: 'Drawings delivered', minor: 1_600_000, status: 'paid', daysAgo: 21 },
      { title: 'Kitchen fitted', minor: 900_000, status: 'created', daysAgo: 2 },
    ],
  },
  {
    title: 'Reception of a dental practice',
    content: 'Counter, waiting area and lighting, to be built over one long weekend.',
    employee: 'noura',
    client: 'hassan',
    minor: 2_350_000,
    currency: 'AED',
    offer: 'converted',
    daysAgo: 40,
    payments: [
      { title: 'Deposit', minor: 705_000, status: 'paid', daysAgo: 37 },
      { title: 'Counter ordered', minor: 650_000, status: 'failed', daysAgo: 6 },
      { title: 'Lighting plan', minor: 149_950, status: 'cancelled', daysAgo: 5 },
    ],
  },
  {
    title: 'Courtyard garden',
    content: 'Planting plan, irrigation and a shaded seat for twelve.',
    employee: 'omar',
    client: 'amal',
    minor: 1_275_500,
    currency: 'KWD',
    offer: 'converted',
    daysAgo: 15,
    payments: [
      { title: 'Survey', minor: 275_500, status: 'expired', daysAgo: 9 },
      { title: 'Planting plan', minor: 400_000, status: 'processing', daysAgo: 0.003 },
    ],
  },
  {
    title: 'Roof terrace with outdoor kitchen',
    content: 'Design, approvals and tender documents.',
    employee: 'noura',
    client: 'sara',
    minor: 1_980_000,
    currency: 'AED',
    offer: 'accepted',
    daysAgo: 4,
  },
  {
    title: 'Home office',
    content: 'Built-in desk and shelves, acoustic panels, daylight study.',
    employee: 'omar',
    client: 'hassan',
    minor: 640_000,
    currency: 'AED',
    offer: 'review',
    daysAgo: 1,
  },
  {
    title: 'Show apartment',
    content: 'Furnishing of a sales apartment on the 24th floor.',
    employee: 'noura',
    client: 'amal',
    minor: 3_100_000,
    currency: 'AED',
    offer: 'rejected',
    daysAgo: 90,
  },
];
