import { describeDominance } from './dominance.ts';

// `npm run proof` tries all of them.
describeDominance({ every: 5 });
