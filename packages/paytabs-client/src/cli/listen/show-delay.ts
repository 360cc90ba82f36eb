/** Milliseconds for people: `5 s`, `15 min`. */
export const showDelay = (ms: number): string =>
  ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.ceil(ms / 1000)} s`;
