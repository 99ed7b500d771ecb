import { test } from 'node:test';
import { gateway } from '../recipes/stitching.ts';
import { expectGuarded } from './guarded.ts';
import { askOf } from './in-process.ts';

test('stitching: guarded subschemas behind a gateway', () => expectGuarded(askOf(gateway)));
