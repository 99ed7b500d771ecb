import { describeDominance } from '../test/modules/administration/dominance.ts';

describeDominance({ every: 1 });
