import { describe, test } from 'vitest';
import { expectAnswers, expectExplanation, expectMatrix, expectOneTable, expectVisibility } from './properties.ts';

const RUNS = 250;

// `npm run proof` checks the same with thousands of schemas each.
describe('of random schemas, policies, viewers and operations', { timeout: 60_000 }, () => {
  test('answers are those of an independent oracle', () => expectAnswers(RUNS));
  test('so is every cell of the matrix', () => expectMatrix(RUNS));
  test('what is explained is what happens', () => expectExplanation(RUNS));
  test('what is hidden is as if it were not there', () => expectVisibility(RUNS));
  test('order and extensions do not change the table', () => expectOneTable(RUNS));
});
