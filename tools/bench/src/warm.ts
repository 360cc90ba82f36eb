const FEWEST_STRETCHES = 4;
const MOST_STRETCHES = 20;
const STILL_FASTER = 0.95;

/**
 * Repeats a stretch of calls until it gets no faster any more: on a busy machine the compiler, which has
 * threads of its own, may take its time. A stretch returns nanoseconds a call, and so does this.
 */
export const untilNoFaster = async (stretch: () => Promise<number>): Promise<number> => {
  let fastest = Number.POSITIVE_INFINITY;
  for (let made = 0; made < MOST_STRETCHES; made += 1) {
    const ns = await stretch();
    if (made >= FEWEST_STRETCHES && ns > fastest * STILL_FASTER) break;
    fastest = Math.min(fastest, ns);
  }
  return fastest;
};
