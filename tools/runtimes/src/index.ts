export { runInBrowserContext } from './browser-context.ts';
export { type BundleOptions, bundleProgram, type Program } from './bundle.ts';
export type { Checked, ProgramExports } from './checked.ts';
export {
  browserContextHost,
  bunHost,
  chromiumHost,
  denoHost,
  type Host,
  nodeHost,
  type PlacedProgram,
  workerdHost,
} from './hosts.ts';
export { type ProgramRun, runPrograms } from './run-programs.ts';
export type { AlsoCheck, Compatibility } from './workerd.ts';
