import { v5 as uuidOf } from 'uuid';
import type { DemoUser } from './demo-data.ts';

const NAMESPACE = '0f0f5a5e-4c1d-4a43-8f0e-3b1f8f3d2c11';
const START = Date.UTC(2025, 5, 2, 7, 30, 0);
const HOUR = 3_600_000;

const KINDS = ['Handbook', 'Checklist', 'Minutes', 'Guide', 'Questions and answers'];

/** The subjects of the demo's documents, with two sentences about each. */
const SUBJECTS = [
  ['stocktaking', 'Count every shelf twice.', 'Differences above five pieces go to the shift lead.'],
  ['returns', 'Goods come back within thirty days.', 'Damaged goods are photographed before they are booked.'],
  ['access requests', 'Ask for the smallest role that does.', 'Managers answer within two working days.'],
  ['suppliers', 'New suppliers send a sample first.', 'Prices are agreed for a quarter.'],
  ['packing', 'Fragile goods get two layers of bubble wrap.', 'The lightest box that holds is the right one.'],
  ['invoices', 'Invoices leave on the first of the month.', 'A reminder follows after fourteen days.'],
  ['account reviews', 'Every account is looked at once a year.', 'Members who have left are removed the same day.'],
  ['fire drills', 'Leave scanners where they are.', 'Meet at the gate of the northern yard.'],
] as const;

export interface DemoDocument {
  readonly id: string;
  readonly title: string;
  readonly content: string;
  readonly author: string;
  readonly authorName: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The demo documents, each by another of the demo's users: the same every time. */
export function demoDocuments(users: readonly DemoUser[]): DemoDocument[] {
  return KINDS.flatMap((kind, row) =>
    SUBJECTS.map(([subject, first, second], column) => {
      const index = row * SUBJECTS.length + column;
      const author = users[(index * 5 + 3) % users.length];
      if (author === undefined) {
        throw new RangeError('There are no users to write documents');
      }
      const title = `${kind}: ${subject}`;
      const createdAt = new Date(START + index * 17 * HOUR);
      return {
        id: uuidOf(`document ${title}`, NAMESPACE),
        title,
        content: `${first} ${second}\n\nWritten down by ${author.displayName} as number ${index + 1} of the series.`,
        author: author.id,
        authorName: author.displayName,
        createdAt,
        updatedAt: new Date(createdAt.getTime() + (index % 9) * HOUR),
      };
    }),
  );
}
