import { v5 as uuidOf } from 'uuid';
import { foldName } from '../../lib/names.ts';
import type { InventoryData } from '../entities/index.ts';
import type { DemoUser } from './demo-data.ts';

const FIRST_COUNTED = Date.UTC(2025, 2, 3, 8, 0, 0);
const HOUR = 3_600_000;

/** The stock of the demo's warehouse: each item in each of its sizes. */
const THINGS = {
  'Packing tape': ['25 mm', '50 mm', '75 mm'],
  'Cardboard box': ['S', 'M', 'L', 'XL'],
  'Mailing bag': ['A5', 'A4', 'A3'],
  'Bubble wrap': ['30 cm', '50 cm', '100 cm'],
  'Label roll': ['38 mm', '62 mm', '102 mm'],
  'Stretch film': ['clear', 'black'],
  'Pallet, wood': ['800 × 600', '1200 × 800', '1200 × 1000'],
  'Pallet, plastic': ['800 × 600', '1200 × 800', '1200 × 1000'],
  'Cable tie': ['100 mm', '200 mm', '300 mm', '450 mm'],
  'Safety gloves': ['size 7', 'size 8', 'size 9', 'size 10', 'size 11'],
  'Safety shoes': ['size 38', 'size 40', 'size 42', 'size 44', 'size 46'],
  'Hand scanner': ['corded', 'cordless'],
  'Box cutter': ['9 mm', '18 mm', '25 mm'],
  'Storage bin': ['5 l', '10 l', '20 l', '45 l'],
  'Shelf label': ['yellow', 'white', 'green', 'red'],
  Desiccant: ['5 g', '10 g', '50 g'],
  'Edge protector': ['35 mm', '50 mm', '70 mm'],
  'Paper void fill': ['70 g/m²', '90 g/m²'],
  'Rolling ladder': ['3 steps', '5 steps', '8 steps'],
};

export interface DemoItem {
  readonly nameKey: string;
  readonly name: string;
  readonly data: InventoryData;
  readonly updatedAt: Date;
}

/** The demo inventory: the same every time. Every 13th thing is sold out. */
export function demoInventory(): DemoItem[] {
  const names = Object.entries(THINGS).flatMap(([thing, sizes]) => sizes.map((size) => `${thing}, ${size}`));
  return names.map((name, index) => ({
    nameKey: foldName(name),
    name,
    data: {
      count: index % 13 === 12 ? 0 : (index * 37 + 11) % 480,
      location: `${'ABCDEF'.charAt(index % 6)}-${String((index * 7) % 40).padStart(2, '0')}`,
      reorderAt: 20 + (index % 5) * 10,
      tags: index % 4 === 0 ? ['bulky'] : [],
    },
    updatedAt: new Date(FIRST_COUNTED + index * 31 * HOUR),
  }));
}

const NAMESPACE = '0f0f5a5e-4c1d-4a43-8f0e-3b1f8f3d2c11';
const FIRST_WRITTEN = Date.UTC(2025, 5, 2, 7, 30, 0);

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
      const createdAt = new Date(FIRST_WRITTEN + index * 17 * HOUR);
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
