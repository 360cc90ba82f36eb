import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineItem, WaitingLine } from './waiting-line.js';

class Person implements LineItem<Person> {
  rank: LineItem<Person>['rank'] = undefined;
  ahead: Person | undefined = undefined;
  behind: Person | undefined = undefined;
  readonly priority: number;
  readonly name: number;

  constructor(priority: number, name: number) {
    this.priority = priority;
    this.name = name;
  }
}

/** Takes out all that wait, in order. */
const empty = (line: WaitingLine<Person>): number[] => {
  const names: number[] = [];
  for (let { first } = line; first !== undefined; first = line.first) {
    line.remove(first);
    names.push(first.name);
  }
  return names;
};

describe('a waiting line', () => {
  it('serves in the order of coming', () => {
    const line = new WaitingLine<Person>();
    for (const name of [1, 2, 3]) line.add(new Person(0, name));
    expect(line.length).toBe(3);
    expect(empty(line)).toEqual([1, 2, 3]);
    expect(line.length).toBe(0);
  });

  it('serves a higher priority first', () => {
    const line = new WaitingLine<Person>();
    for (const [name, priority] of [0, 5, -5, 5, 0].entries()) line.add(new Person(priority, name));
    expect(empty(line)).toEqual([1, 3, 0, 4, 2]);
  });

  it('lets anyone leave once, and come again', () => {
    const line = new WaitingLine<Person>();
    const people = [1, 2, 3].map((name) => new Person(0, name));
    for (const person of people) line.add(person);
    const [, second] = people as [Person, Person, Person];
    expect([line.remove(second), line.remove(second)]).toEqual([true, false]);
    line.add(second);
    expect(empty(line)).toEqual([1, 3, 2]);
  });

  it('agrees with a sorted list, whoever comes and leaves', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), priority: fc.integer({ min: -3, max: 3 }) }),
      fc.record({ kind: fc.constant('leave' as const), at: fc.nat() }),
      fc.record({ kind: fc.constant('serve' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const line = new WaitingLine<Person>();
        let naive: Person[] = [];
        const take = (
          name: number,
          taken: typeof step extends fc.Arbitrary<infer S> ? S : never,
        ) => {
          if (taken.kind === 'add') {
            const person = new Person(taken.priority, name);
            line.add(person);
            // Sorting is stable, so equal priorities stay in order.
            naive = [...naive, person].sort((one, other) => other.priority - one.priority);
            return true;
          }
          const place = taken.kind === 'serve' ? 0 : taken.at % Math.max(1, naive.length);
          const [gone] = naive.splice(place, 1);
          const left = taken.kind === 'serve' ? line.first : gone;
          return left === gone && (left === undefined || line.remove(left));
        };
        for (const [name, taken] of steps.entries()) {
          expect(take(name, taken)).toBe(true);
          expect(line.length).toBe(naive.length);
          expect(line.first === naive.at(0) && line.last === naive.at(-1)).toBe(true);
        }
        expect(empty(line)).toEqual(naive.map(({ name }) => name));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps a hundred thousand in order', () => {
    const line = new WaitingLine<Person>();
    const many = 100_000;
    for (let name = 0; name < many; name += 1) line.add(new Person(name % 7, name));
    const served = empty(line);
    expect(served).toHaveLength(many);
    expect(served.slice(0, 2)).toEqual([6, 13]);
  });
});
