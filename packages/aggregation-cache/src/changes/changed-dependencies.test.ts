import { Decimal128, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { documentIdText } from '../validity/document-id.js';
import { type ChangeEvent, changedBy } from './changed-dependencies.js';

const ns = { db: 'shop', coll: 'contracts' };
const event = (operationType: string, rest: Partial<ChangeEvent> = {}) =>
  changedBy({ operationType, ns, ...rest });
const whole = (name: string) => [`c:shop.${name}`, `w:shop.${name}`];

describe('a change event', () => {
  it.each(['insert', 'update', 'replace', 'delete'])(
    '%s moves its document, and readers of all',
    (kind) => {
      const _id = new ObjectId();
      expect(event(kind, { documentKey: { _id } })).toEqual([
        'c:shop.contracts',
        `d:shop.contracts:${documentIdText(_id)}`,
      ]);
    },
  );

  it('of an id that is the same in another spelling moves the same', () => {
    const moved = (id: unknown) => event('insert', { documentKey: { _id: id } });
    expect(moved(Long.fromNumber(5))).toEqual(moved(5));
  });

  it('of an id that may equal one of another spelling, or of none, moves the collection', () => {
    expect(event('insert', { documentKey: { _id: Decimal128.fromString('5') } })).toEqual(
      whole('contracts'),
    );
    expect(event('update')).toEqual(whole('contracts'));
  });

  it('about a collection moves it, and says that the catalogue is another', () => {
    expect(event('drop')).toEqual([...whole('contracts'), 'v:shop.contracts']);
    expect(event('rename', { to: { db: 'shop', coll: 'deals' } })).toEqual([
      ...whole('contracts'),
      'v:shop.contracts',
      ...whole('deals'),
      'v:shop.deals',
    ]);
  });

  it('about more than a collection moves everything', () => {
    expect(changedBy({ operationType: 'dropDatabase', ns: { db: 'shop' } })).toEqual(['*']);
    expect(changedBy({ operationType: 'reshardCollection' })).toEqual(['*']);
  });
});
