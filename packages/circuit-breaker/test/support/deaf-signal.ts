/** A signal of one's own making that cannot be listened to. */
export const deafSignal = (error: unknown): AbortSignal =>
  ({
    aborted: false,
    addEventListener: () => {
      throw error;
    },
    removeEventListener: () => {},
  }) as unknown as AbortSignal;
