/** What the writer must know of one place of a question: what order, texts and names mean there. */
export interface Place {
  /**
   * Whether the order of a document's fields means nothing here, so that it is made one. `operators`: only
   * if all of its names are operators, as in `{ $gte, $lt }`; else it is a value, whose order counts.
   */
  readonly order: 'kept' | 'free' | 'operators';
  /** Whether a text that begins with `$$` is a variable. */
  readonly variables: boolean;
  /** What a field of this name holds. */
  readonly fields?: ReadonlyMap<string, Place> | undefined;
  /** What other fields hold, by whether their name begins with `$`. */
  readonly names: Place;
  readonly operators: Place;
  /** What the items of a list are. */
  readonly items: Place;
  /** What it means that a field leads to this place. */
  readonly note?: Note | undefined;
}

/**
 * `uncacheable`: answers differently each time, by who asks, or by what else the server does. `unknown`: a
 * stage that may be any of it. `write`: changes a collection. `collection`: is read, if it is a text; `database`:
 * where the collection that was told of before it is. `id`: what the `_id` of a document must be.
 */
export type Note = 'uncacheable' | 'unknown' | 'write' | 'collection' | 'database' | 'id';

type Shape = Partial<Omit<Place, 'fields'>> & {
  readonly fields?: Readonly<Record<string, Place>> | undefined;
};

/** Whatever is not said is like the place itself, whose order is kept and whose texts are texts. */
export const place = ({ fields, ...shape }: Shape): Place => {
  const made = {
    order: 'kept',
    variables: false,
    ...shape,
    fields: fields && new Map(Object.entries(fields)),
  } as { -readonly [K in keyof Place]: Place[K] };
  made.names = shape.names ?? made;
  made.operators = shape.operators ?? shape.names ?? made;
  made.items = shape.items ?? made;
  return made;
};

/** For places that hold each other. */
const add = (to: Place, fields: Readonly<Record<string, Place>>): void => {
  for (const [name, field] of Object.entries(fields)) {
    (to.fields as Map<string, Place>).set(name, field);
  }
};

/** Data: every order and every text counts as it is. */
export const LITERAL = place({});

/** Whatever it holds, the answer cannot be kept. */
export const UNCACHEABLE = place({ note: 'uncacheable', names: LITERAL, items: LITERAL });

/** An expression. In it a `$literal` is data, and `$elemMatch` a filter, which only a projection has. */
export const EXPRESSION = place({ variables: true, fields: {} });

/** Variables of a join or of the whole question: none can see the others. */
export const VARIABLES = place({ order: 'free', names: EXPRESSION });

/** What one field must be: operators, which are a conjunction, or a value. */
const CONDITION = place({ order: 'operators', fields: {}, names: LITERAL, items: LITERAL });

/** The fields of a filter are a conjunction. */
export const FILTER = place({ order: 'free', fields: {}, names: CONDITION, operators: LITERAL });

const FILTERS = place({ items: FILTER, names: LITERAL });

/** What each item must be: a filter, or operators; a conjunction either way. */
const ELEMENT = place({ order: 'free', fields: {}, names: CONDITION, operators: LITERAL });

const ALTERNATIVES = { $and: FILTERS, $or: FILTERS, $nor: FILTERS };

add(CONDITION, { $elemMatch: ELEMENT, $not: CONDITION });
add(ELEMENT, { ...ALTERNATIVES, $elemMatch: ELEMENT, $not: CONDITION });
add(FILTER, {
  ...ALTERNATIVES,
  _id: { ...CONDITION, note: 'id' },
  $expr: EXPRESSION,
  $where: UNCACHEABLE,
  $sampleRate: UNCACHEABLE,
});
add(EXPRESSION, {
  $literal: LITERAL,
  $elemMatch: ELEMENT,
  $rand: UNCACHEABLE,
  $function: UNCACHEABLE,
  $accumulator: UNCACHEABLE,
  $createObjectId: UNCACHEABLE,
  $currentDate: UNCACHEABLE,
});
