// @ts-check
/** Node options that run TypeScript with the workspace's packages from their sources: no build comes first. */
export const SOURCE_OPTIONS = [
  '--conditions=@nestcms/source',
  '--import',
  new URL('./sources.mjs', import.meta.url).href,
];
