import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { GLOBAL_NAME } from './bundle.ts';
import type { Checked } from './checked.ts';
import { NotHere } from './not-here.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The browser of this machine: `CHROMIUM_BINARY`, or one on PATH. None is ever downloaded. */
const findChromium = (): string => {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found =
    process.env.CHROMIUM_BINARY ??
    folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
  if (found === undefined) throw new NotHere('no Chromium found; name one by CHROMIUM_BINARY');
  return found;
};

/** The part of playwright-core that is used; it is no dependency, so its types are not here. */
interface Playwright {
  readonly chromium: {
    launch(options: object): Promise<{
      version(): string;
      newPage(): Promise<{
        addScriptTag(options: { readonly content: string }): Promise<unknown>;
        evaluate(expression: string): Promise<unknown>;
      }>;
      close(): Promise<void>;
    }>;
  };
}

/** @param install gives the folder in which npm has put playwright-core */
export const runInChromium = async (
  install: () => Promise<string>,
  script: string,
): Promise<{ version: string; checked: Checked[] }> => {
  const executablePath = findChromium();
  const require = createRequire(join(await install(), 'package.json'));
  const { chromium } = require('playwright-core') as Playwright;
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    const checked = await page.evaluate(`${GLOBAL_NAME}.runChecks()`);
    return { version: browser.version(), checked: checked as Checked[] };
  } finally {
    await browser.close();
  }
};
