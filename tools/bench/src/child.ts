import type { Answer, Errand } from './in-child.ts';

const tell = (answer: Answer): void => {
  process.send?.(answer);
};

process.once('message', (errand: Errand) => {
  run(errand).then(
    (result) => tell({ result }),
    (error: unknown) =>
      tell({ failure: error instanceof Error ? (error.stack ?? '') : String(error) }),
  );
});

// Peers leave timers behind; the work is done once the parent has hung up.
process.once('disconnect', () => process.exit());

const run = async ({ url, name, settings }: Errand): Promise<unknown> => {
  const module = (await import(url)) as Record<string, unknown>;
  const errand = module[name] as (settings: unknown, note: (text: string) => void) => unknown;
  return await errand(settings, (note) => tell({ note }));
};
