/**
 * The prototype of dates in shared rows: a date like any other (`instanceof Date`, same class tag, same
 * constructor), whose setters throw. `Object.freeze` alone does not stop them, for they change a slot
 * that is no property.
 */
const frozenDate: object = Object.create(
  Date.prototype,
  Object.fromEntries(
    Object.getOwnPropertyNames(Date.prototype)
      .filter((name) => name.startsWith('set'))
      .map((name) => [
        name,
        {
          value: () => {
            throw new TypeError(
              `Rows of the cache are shared and read-only: ${name}() was called on one of their dates. Copy it first.`,
            );
          },
        },
      ]),
  ),
);

/** Whether it is a date that was made unchangeable here. */
export const isFrozenDate = (value: object): boolean =>
  Object.getPrototypeOf(value) === frozenDate && Object.isFrozen(value);

/** Makes `date` unchangeable, in place. */
export const freezeDate = (date: Date): Date =>
  Object.freeze(Object.setPrototypeOf(date, frozenDate));
