/** Why a runtime cannot be had on this machine. */
export class NotHere extends Error {}
