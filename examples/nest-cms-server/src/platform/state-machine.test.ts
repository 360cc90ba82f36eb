import { describe, expect, it } from 'vitest';
import { contractMachine } from '../features/contracts/contract.machine.js';
import { offerMachine } from '../features/offers/offer.machine.js';
import { paymentMachine } from '../payments/payment.machine.js';
import type { StateMachine } from './state-machine.js';

const movesOf = <State extends string>(machine: StateMachine<State>): string[] =>
  machine.states.flatMap((from) =>
    machine.states.filter((to) => machine.allows(from, to)).map((to) => `${from} → ${to}`),
  );

describe('states', () => {
  it('moves an offer from review to a decision, and only an accepted one to a contract', () => {
    expect(movesOf(offerMachine)).toEqual([
      'review → accepted',
      'review → rejected',
      'accepted → converted',
    ]);
  });

  it('ends a contract once', () => {
    expect(movesOf(contractMachine)).toEqual(['active → completed', 'active → terminated']);
  });

  it('lets a payment be tried again until it is paid, and never leave that', () => {
    expect(movesOf(paymentMachine)).toEqual([
      'created → processing',
      'processing → failed',
      'processing → cancelled',
      'processing → expired',
      'processing → paid',
      'failed → processing',
      'failed → paid',
      'cancelled → processing',
      'cancelled → paid',
      'expired → processing',
      'expired → paid',
    ]);
  });

  it('names the sources of a state for conditional writes', () => {
    expect(paymentMachine.sourcesOf('paid')).toEqual([
      'processing',
      'failed',
      'cancelled',
      'expired',
    ]);
    expect(offerMachine.sourcesOf('review')).toEqual([]);
  });
});
