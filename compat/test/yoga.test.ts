import { test } from 'node:test';
import { yoga, yogaByViewer } from '../recipes/yoga.ts';
import { expectGuarded, expectHidden } from './guarded.ts';
import { askBy } from './http.ts';

test('GraphQL Yoga', () => expectGuarded(askBy((url, init) => yoga.fetch(url, init))));

test('GraphQL Yoga, with the schema that each viewer may reach', () =>
  expectHidden(askBy((url, init) => yogaByViewer.fetch(url, init))));
