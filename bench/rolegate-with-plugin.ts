/** Rolegate as `npm start` runs it, with one plugin that only reads, added where its README says. */
import { plugins } from '../src/plugins.ts';
import { createLoggerPlugin } from './lib/logger-plugin.ts';

plugins.push(createLoggerPlugin());
await import('../src/main.ts');
