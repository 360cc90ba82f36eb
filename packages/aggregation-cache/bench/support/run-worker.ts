const module = import(process.argv[2] ?? '') as Promise<
  Record<string, (argument: unknown) => unknown>
>;

process.on('message', ({ id, name, argument }: { id: number; name: string; argument: unknown }) => {
  module
    .then((exported) => exported[name]?.(argument))
    .then(
      (result) => process.send?.({ id, result }),
      (error: unknown) => process.send?.({ id, failure: String((error as Error).stack) }),
    );
});
process.once('disconnect', () => process.exit());
