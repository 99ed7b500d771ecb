import { describe, test } from 'vitest';
import { expectAnswers, expectExplanation, expectMatrix, expectOneTable, expectVisibility } from './properties.ts';

const SCALE = { runs: 80 };

// `npm run proof` checks the same with thousands of schemas each.
describe('of random schemas, policies, viewers and operations', { timeout: 60_000 }, () => {
  test('answers are those of an independent oracle', () => expectAnswers(SCALE));
  test('so is every cell of the matrix', () => expectMatrix(SCALE));
  test('an explanation agrees with the execution', () => expectExplanation(SCALE));
  test('a hidden part looks as if it did not exist', () => expectVisibility(SCALE));
  test('order and extensions do not change the table', () => expectOneTable(SCALE));
});
