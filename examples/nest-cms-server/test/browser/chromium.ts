import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser of this machine: `CHROMIUM_BINARY`, or one on PATH. None is ever downloaded. */
function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_BINARY;
  if (named) return named;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

export const chromiumPath = findChromium();

/** Stands in the names of tests that are skipped without one. */
export const whyNoBrowser =
  chromiumPath === undefined ? ' (no Chromium found; name one by CHROMIUM_BINARY)' : '';

/** Headless, and asking nothing of the outside world. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
