import type { NoticeMutation } from '../../testing/simulator/notices/mutate-notice.js';

export type Forgery = Extract<NoticeMutation, string>;

/** What a shop must not take, each with what is wrong with it. */
export const forgeries: Readonly<
  Record<
    Forgery,
    {
      readonly about: string;
      /** Whether a verifier refuses it; the others are truly signed. */
      readonly refused: boolean;
      /** Whether a return can be so, too. */
      readonly asReturn: boolean;
    }
  >
> = {
  forged: { about: 'signed with another key', refused: true, asReturn: true },
  unsigned: { about: 'not signed', refused: true, asReturn: true },
  tampered: { about: 'changed under the old signature', refused: true, asReturn: true },
  reserialised: {
    about: 'other white space under the old signature',
    refused: true,
    asReturn: false,
  },
  stale: { about: 'truly signed, of thirty days ago', refused: false, asReturn: false },
  otherProfile: { about: 'truly signed, of another profile', refused: false, asReturn: false },
};
