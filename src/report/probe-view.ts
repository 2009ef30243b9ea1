import type { ProbeCase, ProbeFindings } from '#core/probe.ts';
import type { VerdictRung } from '#core/verdict.ts';
import { findingsText } from './measure-text.ts';
import type { ValueText } from './number-text.ts';
import type { ReportView } from './report-view.ts';

/** What one probe found on one rung. */
export interface ProbedRung {
  readonly rung: string;
  readonly chosen: boolean;
  readonly findings: Omit<ProbeFindings, 'cases'>;
  readonly cases: readonly ProbeCase[];
}

/** One probe with every rung it was run on. */
export interface ProbeView {
  readonly probe: string;
  /** As "95 %". */
  readonly confidence: string;
  readonly rungs: readonly ProbedRung[];
  /** Ids of what was measured, slopes included, each once. */
  readonly measures: readonly string[];
  text(measure: string): ValueText;
  /** The bar of a measure, where a goal sets one. */
  bound(measure: string): number | undefined;
  /** Rungs that it was not put to, and why. */
  readonly unprobed: readonly { readonly rung: string; readonly why: string }[];
}

/** The probes in the order in which rungs name them. */
export function groupProbes(
  rungs: readonly ProbedRung[],
  { confidence, bound }: Pick<ProbeView, 'confidence' | 'bound'>,
  unprobed: readonly { readonly rung: string; readonly probe: string; readonly why: string }[] = [],
): ProbeView[] {
  const probes = [...new Set(rungs.map(({ findings }) => findings.probe))];
  return probes.map((probe) => {
    const own = rungs.filter(({ findings }) => findings.probe === probe);
    const all = own.map(({ findings }) => findings);
    return {
      probe,
      confidence,
      rungs: own,
      measures: [...new Set(all.flatMap(({ metrics }) => Object.keys(metrics)))],
      text: (measure) => findingsText(all, measure),
      bound,
      unprobed: unprobed.filter((each) => each.probe === probe),
    };
  });
}

/** What was probed on the ladder; the cases come from the evidence, where the report has it. */
export function reportProbes(view: ReportView): ProbeView[] {
  const probed = view.verdict.rungs.flatMap((rung) =>
    (rung.probes ?? []).map((findings): ProbedRung => {
      return { rung: rung.rung, chosen: view.isChosen(rung), findings, cases: casesOf(view, rung, findings.probe) };
    }),
  );
  const unprobed = (view.input.evidence?.candidates ?? []).flatMap(({ rung, unprobed: left = [] }) =>
    left.map((each) => ({ rung, ...each })),
  );
  return groupProbes(probed, view, unprobed);
}

function casesOf(view: ReportView, { rung }: VerdictRung, probe: string): readonly ProbeCase[] {
  return view.evidenceOf(rung)?.probes?.find((each) => each.probe === probe)?.cases ?? [];
}
