import { buildSchema, parse } from 'graphql';
import { expect, it } from 'vitest';
import { DocumentCache } from '../../src/graphql/document-cache.ts';
import { execute } from '../../src/graphql/execute/execute.ts';

const small = parse('{ a }');

it('the cache keeps the documents that were used last, by the bytes that they take', async () => {
  const cache = new DocumentCache(11_000);
  for (const key of ['a', 'b', 'c']) {
    cache.set(key, small);
  }
  expect(cache.get('a')).toBe(small);
  cache.set('d', parse(`{ ${'a '.repeat(16)} }`));
  expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
});

it('the cache keeps the documents of one schema apart from those of others', async () => {
  const cache = new DocumentCache();
  const [one, other] = [cache.createStore(), cache.createStore()];
  cache.set('a', small);
  await one.set('b', small);
  expect([await one.get('a'), await other.get('b'), cache.get('b')]).toEqual([undefined, undefined, undefined]);
  expect(await one.get('b')).toBe(small);
  await one.delete('b');
  expect(await one.get('b')).toBeUndefined();
});

it('the store of a schema finds a document by its text for as long as the cache keeps it', async () => {
  const cache = new DocumentCache(11_000);
  const [one, other] = [cache.createStore(), cache.createStore()];
  const texts = ['{ a }', '{ b }', '{ c }', `{ d } #${'x'.repeat(1_000)}`];
  for (const [at, text] of texts.entries()) {
    await one.set(`${at}`, parse(text));
    expect(one.find(text)).toBe(await one.get(`${at}`));
    expect(other.find(text)).toBeUndefined();
  }
  const isFound = (text: string): boolean => one.find(text) !== undefined;
  expect(texts.map(isFound)).toEqual([true, true, true, false]);
  await one.set('4', parse(`{ ${'a '.repeat(16)} }`));
  expect(texts.map(isFound)).toEqual([false, true, true, false]);
  await one.delete('1');
  expect(texts.map(isFound)).toEqual([false, false, true, false]);
});

it.each([
  ['a text', `{ a } #${'x'.repeat(1_000)}`],
  ['fields', `{ ${'a '.repeat(25)} }`],
  ['fragments that multiply', '{ ...F ...F } fragment F on Query { ...G ...G } fragment G on Query { a b c d e f }'],
  ['fields below fields', `{ ${'a { '.repeat(25)} b ${'} '.repeat(25)} }`],
])('the cache leaves out %s that takes more than all of it', (_, text) => {
  const cache = new DocumentCache(10_000);
  cache.set('small', small);
  cache.set('large', parse(text));
  expect(cache.get('large')).toBeUndefined();
  expect(cache.get('small')).toBe(small);
});

it('the plans that executions add to a document count for its size', () => {
  const schema = buildSchema('type Query { a: Int b: Int }');
  const document = parse(`query ($x: Boolean!, $y: Boolean!) { a b @skip(if: $x) ${'...F '.repeat(3)} }
    fragment F on Query { c: a @include(if: $y) }`);
  const cache = new DocumentCache(11_000);
  cache.set('document', document);
  for (const [x, y] of [true, false].flatMap((first) => [true, false].map((second) => [first, second]))) {
    expect(execute({ schema, document, variableValues: { x, y } })).toMatchObject({ data: {} });
    cache.get('document');
  }
  expect(cache.get('document')).toBeUndefined();
});

it('documents that multiply without end are measured in a bounded time', () => {
  const levels = Array.from({ length: 30 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
  const cache = new DocumentCache();
  const start = performance.now();
  cache.set('huge', parse(`{ ...F0 } ${levels.join(' ')} fragment F30 on Query { a }`));
  expect(performance.now() - start).toBeLessThan(1_000);
});
