/**
 * What is signed, in pieces, one behind the other. Text stands for its UTF-8 bytes.
 */
export type Message = readonly (string | Uint8Array)[];
