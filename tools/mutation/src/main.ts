import { mutate } from './mutate.ts';

process.exitCode = mutate(process.argv.slice(2));
