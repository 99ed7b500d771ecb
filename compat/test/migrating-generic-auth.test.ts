import { test } from 'node:test';
import { yoga as after } from '../recipes/generic-auth-after.ts';
import { yoga as before } from '../recipes/generic-auth-before.ts';
import { askBy } from './http.ts';
import { expectSameData } from './same-data.ts';

test('@envelop/generic-auth, before and after', () =>
  expectSameData(
    askBy((url, init) => before.fetch(url, init)),
    askBy((url, init) => after.fetch(url, init)),
    ['{ articles { title draft } }', '{ articles { title } }', 'mutation { publish(title: "New") { title } }'],
  ));
