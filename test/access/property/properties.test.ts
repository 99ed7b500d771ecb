import { describe, test } from 'vitest';
import { expectAnswers, expectExplanation, expectMatrix, expectOneTable, expectVisibility } from './properties.ts';

const SCALE = { runs: 80 };

// `npm run proof` checks the same with thousands of schemas each.
describe('of random schemas, policies, viewers and operations', { timeout: 60_000 }, () => {
  test('answers are those of an independent oracle', () => expectAnswers(SCALE));
  test('so is every cell of the matrix', () => expectMatrix(SCALE));
  test('what is explained is what happens', () => expectExplanation(SCALE));
  test('what is hidden is as if it were not there', () => expectVisibility(SCALE));
  test('order and extensions do not change the table', () => expectOneTable(SCALE));
});
