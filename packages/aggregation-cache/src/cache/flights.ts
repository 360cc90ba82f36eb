import type { Timestamp } from 'mongodb';
import type { Ticket } from '../validity/generation-table.js';

/** A load under way. */
export interface Flight<T> {
  readonly promise: Promise<T>;
  /** What stood when its data was asked for. */
  ticket: Ticket;
  /** When it was found out how new its data has to be, or the load began. Monotonic ms. */
  askedAt: number;
  readonly after: Timestamp | undefined;
}

/** What a load may tell about itself while it runs. */
export interface FlightControl {
  /**
   * Called before the data is asked for: it will be at least as new as `ticket`, and lack nothing that was
   * acknowledged to anybody before `askedAt`.
   */
  readonly restamp: (ticket: Ticket, askedAt: number) => void;
}

/** One load per key in this process, however many ask. */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>();

  get size(): number {
    return this.#flights.size;
  }

  /**
   * Joins the load under way, or starts one. A load that began before something was invalidated is not
   * joined: its rows may be right for those who came before, but not for this caller. Nor is one of which
   * nobody can say any more whether something was. Nor one for another point: an earlier one may lack the write, and a
   * later one may have to wait for it, or fail, where this caller's own would not.
   */
  join(
    key: string,
    wanted: {
      readonly ticket: Ticket;
      readonly askedAt: number;
      readonly after: Timestamp | undefined;
      /** Whether what was asked for at that time may be answered without asking again. */
      readonly vouchesFor: (askedAt: number) => boolean;
    },
    load: (control: FlightControl) => Promise<T>,
  ): { readonly promise: Promise<T>; readonly joined: boolean } {
    const known = this.#flights.get(key);
    if (
      known?.ticket.isCurrent() &&
      wanted.vouchesFor(known.askedAt) &&
      isSamePoint(known.after, wanted.after)
    ) {
      return { promise: known.promise, joined: true };
    }
    let flight: Flight<T> | undefined;
    const control: FlightControl = {
      restamp: (ticket, askedAt) => {
        if (flight === undefined) return;
        flight.ticket = ticket;
        flight.askedAt = askedAt;
      },
    };
    const run = async (): Promise<T> => {
      // The load starts in the next turn, when the flight is in its place.
      await Promise.resolve();
      try {
        return await load(control);
      } finally {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      }
    };
    const promise = run();
    const { ticket, askedAt, after } = wanted;
    flight = { promise, ticket, askedAt, after };
    this.#flights.set(key, flight);
    return { promise, joined: false };
  }
}

const isSamePoint = (one: Timestamp | undefined, other: Timestamp | undefined): boolean =>
  one === undefined || other === undefined ? one === other : one.equals(other);
