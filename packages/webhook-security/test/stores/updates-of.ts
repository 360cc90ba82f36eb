/** The same collection, but `answer` decides what each `findOneAndUpdate` does: its number from 1, and the real one. */
export function withUpdates<Collection extends object>(
  collection: Collection,
  answer: (call: number, update: () => unknown) => unknown,
): Collection {
  let calls = 0;
  return new Proxy(collection, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (name !== 'findOneAndUpdate') return member;
      return (...args: unknown[]) => {
        calls += 1;
        return answer(calls, () => Reflect.apply(member as never, target, args));
      };
    },
  });
}
