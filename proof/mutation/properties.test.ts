import { test } from 'vitest';
import {
  expectAnswers,
  expectExplanation,
  expectMatrix,
  expectOneTable,
  expectVisibility,
} from '../../test/access/property/properties.ts';

// Always the same schemas, so that a mutant lives or dies by itself.
const SCALE = { runs: 3, seed: 7 };

test('answers', () => expectAnswers(SCALE));
test('the matrix', () => expectMatrix(SCALE));
test('explanations', () => expectExplanation(SCALE));
test('visibility', () => expectVisibility(SCALE));
test('order', () => expectOneTable(SCALE));
