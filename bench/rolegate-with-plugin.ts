/** Rolegate with one plugin that only reads, added where its README says: as `npm start` runs it, or without policies. */
import { plugins } from '../src/plugins.ts';
import { createLoggerPlugin } from './lib/logger-plugin.ts';

plugins.push(createLoggerPlugin());
const main = process.env['ROW_LEVEL_SECURITY'] === 'false' ? './rolegate-without-policies.ts' : '../src/main.ts';
await import(main);
