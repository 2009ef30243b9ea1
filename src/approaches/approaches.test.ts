import type { JsonObject } from '#core/json.ts';
import { testApproach } from './approach-contract.fixture.ts';
import { approaches } from './index.ts';

/** What a rung cannot do without. */
const needed: ReadonlyMap<string, JsonObject> = new Map([['preference-tuned', { preferences: 'pairs.jsonl' }]]);

for (const approach of approaches) testApproach(approach, needed.get(approach.id));
