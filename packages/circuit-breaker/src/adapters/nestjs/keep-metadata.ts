/** Gives `copy` the name, the length, the properties and the metadata of `original`, which decorators have put there. */
export const keepMetadata = (original: object, copy: object): void => {
  const { prototype: _own, ...properties } = Object.getOwnPropertyDescriptors(original) as Record<
    string,
    PropertyDescriptor
  >;
  Object.defineProperties(copy, properties);
  for (const key of Reflect.getOwnMetadataKeys(original)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, original), copy);
  }
};
