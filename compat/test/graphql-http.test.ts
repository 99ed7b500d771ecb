import { test } from 'node:test';
import { handler, handlerByViewer } from '../recipes/graphql-http.ts';
import { expectGuarded, expectHidden } from './guarded.ts';
import { askBy } from './http.ts';

test('graphql-http', () => expectGuarded(askBy((url, init) => handler(new Request(url, init)))));

test('graphql-http, with the schema that each viewer may reach', () =>
  expectHidden(askBy((url, init) => handlerByViewer(new Request(url, init)))));
