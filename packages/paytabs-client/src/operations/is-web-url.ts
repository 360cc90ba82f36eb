/** Whether it can be asked by HTTP, with TLS or without. */
export const isWebUrl = (text: string): boolean => /^https?:\/\//i.test(text) && URL.canParse(text);
