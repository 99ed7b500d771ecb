import { foldName } from '../../lib/names.ts';
import type { InventoryData } from '../entities/index.ts';

const START = Date.UTC(2025, 2, 3, 8, 0, 0);
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
    updatedAt: new Date(START + index * 31 * HOUR),
  }));
}
