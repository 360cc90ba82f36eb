/** What a synchronous piece of work takes of the processor: on a busy machine the clock counts others' work too. */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
