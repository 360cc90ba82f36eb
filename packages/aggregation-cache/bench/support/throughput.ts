/** Calls that end within `ms`, made by so many callers, each one after the other. */
export const callsPerSecond = async (
  call: () => Promise<unknown>,
  { callers, ms }: { readonly callers: number; readonly ms: number },
): Promise<number> => {
  const started = performance.now();
  const end = started + ms;
  let ended = 0;
  const caller = async () => {
    while (performance.now() < end) {
      await call();
      ended += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (1_000 * ended) / (performance.now() - started);
};
