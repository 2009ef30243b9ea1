import { dataNeeded } from './data-needed.ts';
import { factsOrBehaviour } from './facts-or-behaviour.ts';
import { flowChart } from './flow-chart.ts';
import { personaGuide } from './persona-guide.ts';
import { practitionersChecklist } from './practitioners-checklist.ts';
import type { RuleOfThumb } from './rule-of-thumb.ts';

/** Every source of rules of thumb, in the order they are shown. */
export const rulesOfThumb: readonly RuleOfThumb[] = [personaGuide, practitionersChecklist, flowChart, dataNeeded, factsOrBehaviour];
