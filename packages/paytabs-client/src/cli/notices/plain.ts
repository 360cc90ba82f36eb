/** A terminal must not act on what a shop or a gateway wrote. */
export const plain = (text: string): string => text.replace(/\p{C}/gu, '?');
