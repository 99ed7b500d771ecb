import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { emptyFolder, readyUrl, startServer } from '../support/process.ts';
import { stepsOf } from './page.ts';

const steps = stepsOf(new URL('../../docs/curl-tour.md', import.meta.url)).flatMap((step) =>
  step.kind === 'run' ? [step] : [],
);

/** The meaning of `…` in an answer. */
const ANY_TEXT: unknown = expect.stringMatching(/./);

const END_OF_STEP = '\u0001';

/** Runs all steps in one shell. Returns what each prints. */
async function follow(url: string): Promise<string[]> {
  const script = steps.map(({ commands }) => `${commands}printf '${END_OF_STEP}'\n`).join('');
  const { stdout } = await promisify(execFile)('bash', ['-ec', script.replaceAll('http://127.0.0.1:4000/', url)]);
  return stdout.split(END_OF_STEP).slice(0, -1);
}

function pattern(shown: unknown): unknown {
  if (Array.isArray(shown)) {
    return shown.map(pattern);
  }
  if (typeof shown === 'object' && shown !== null) {
    return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, pattern(value)]));
  }
  return shown === '…' ? ANY_TEXT : shown;
}

it('docs/curl-tour.md: every command answers as it is shown, in the order of the page', async () => {
  const printed = await follow(await readyUrl(startServer({ folder: emptyFolder() })));
  expect(printed).toHaveLength(steps.length);
  for (const [index, { commands, prints }] of steps.entries()) {
    const text = printed[index]?.trim() ?? '';
    expect(text === '' ? null : JSON.parse(text), commands).toEqual(pattern(prints));
  }
  expect(steps.filter(({ prints }) => prints !== null).length).toBeGreaterThan(20);
});
