const tag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
);

/** Whether it is bytes, also those of another realm; nothing can only look like them. */
export function isUint8Array(value: unknown): value is Uint8Array {
  return tag?.get?.call(value) === 'Uint8Array';
}
