import type { DataCheck } from '#core/data-check.ts';
import { answers } from './answers.ts';
import { answersOpenings } from './answers-openings.ts';
import { balancedClasses } from './balanced-classes.ts';
import { balancedLanguages } from './balanced-languages.ts';
import { balancedLengths } from './balanced-lengths.ts';
import { balancedSources } from './balanced-sources.ts';
import { characters } from './characters.ts';
import { consistentFormat } from './consistent-format.ts';
import { consistentLength } from './consistent-length.ts';
import { consistentStyle } from './consistent-style.ts';
import { consistentSystem } from './consistent-system.ts';
import { contradictions } from './contradictions.ts';
import { diverse } from './diverse.ts';
import { diverseCoverage } from './diverse-coverage.ts';
import { duplicates } from './duplicates.ts';
import { enoughRows } from './enough-rows.ts';
import { formLength } from './form-length.ts';
import { formMojibake } from './form-mojibake.ts';
import { formReadable } from './form-readable.ts';
import { formText } from './form-text.ts';
import { formTools } from './form-tools.ts';
import { formTurns } from './form-turns.ts';
import { labelNoise } from './label-noise.ts';
import { labels } from './labels.ts';
import { leaks } from './leaks.ts';
import { personalData } from './personal-data.ts';
import { representative } from './representative.ts';
import { secrets } from './secrets.ts';
import { vendorLimitsCheck } from './vendor-limits.ts';

/** The checks of `rung data check`, in the order of their ids. */
export const dataChecks: readonly DataCheck[] = [
  answers,
  answersOpenings,
  balancedClasses,
  balancedLanguages,
  balancedLengths,
  balancedSources,
  characters,
  consistentFormat,
  consistentLength,
  consistentStyle,
  consistentSystem,
  contradictions,
  diverse,
  diverseCoverage,
  duplicates,
  enoughRows,
  formLength,
  formMojibake,
  formReadable,
  formText,
  formTools,
  formTurns,
  labelNoise,
  labels,
  leaks,
  personalData,
  representative,
  secrets,
  vendorLimitsCheck,
];
