import { describeDominance } from '../test/administration/dominance.ts';

describeDominance({ every: 1 });
