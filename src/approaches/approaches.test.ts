import { testApproach } from './approach-contract.fixture.ts';
import { approaches } from './index.ts';

for (const approach of approaches) testApproach(approach);
