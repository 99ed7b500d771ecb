import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect, enter, launch, visit } from '../test/browser/browser.ts';

// `npm run screenshots`: the pictures of the console in docs/images, of the demo. Needs chromium.

const FOLDER = new URL('../docs/images/', import.meta.url).pathname;

/** A picture: whose, of which page, how wide, and in which colours. */
const PICTURES = [
  { name: 'console-accounts', role: 'DEVELOPER', path: '/accounts', width: 1100, colorScheme: 'light' },
  {
    name: 'console-matrix',
    role: 'ADMIN',
    path: '/matrix?role=DEVELOPER&compare=STANDARD&difference=yes',
    width: 1100,
    colorScheme: 'light',
  },
  { name: 'console-roles', role: 'ADMIN', path: '/roles', width: 1100, colorScheme: 'dark' },
  { name: 'console-narrow', role: 'STANDARD', path: '/', width: 360, colorScheme: 'dark' },
] as const;

mkdirSync(FOLDER, { recursive: true });
const { address, close } = await launch();
const stand = await connect(address);
for (const { name, role, path, width, colorScheme } of PICTURES) {
  const person = await enter(stand, role, { viewport: { width, height: 640 }, colorScheme });
  await visit(person, stand, path);
  await person.page.screenshot({ path: join(FOLDER, `${name}.png`) });
  await person.page.context().close();
}
await stand.close();
await close();
