/** Whether money is played with or real. */
export type Mode = 'test' | 'live';

/** By the beginning of a reference, which is the same for test profiles of every region. */
export const modeOf = (tranRef: string): Mode => (/^TST\d/i.test(tranRef) ? 'test' : 'live');
