import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DataFinding } from '#core/data-check.ts';
import type { DataCheckDocument } from '#data/check-data-document.ts';

const levels: Readonly<Record<DataFinding['severity'], string>> = { error: 'error', warning: 'warning', info: 'note' };
/** Code hosts show a limited number of results; a rule's first rows say what is wrong. */
const placesPerRule = 100;

/** The findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020): a result for each row of a finding, or one for the file. */
export function dataCheckSarif(document: DataCheckDocument, file: string, workingFolder: string, version: string): object {
  const rules = [...new Map(document.findings.map((finding) => [finding.rule, finding])).values()];
  const path = relative(workingFolder, file).replaceAll('\\', '/');
  const uri = path.startsWith('..') ? pathToFileURL(file).href : path.split('/').map(encodeURIComponent).join('/');
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'rung data check',
            version,
            rules: rules.map(({ rule, family, severity, fix }) => ({
              id: rule,
              shortDescription: { text: `${family}: ${rule}` },
              help: { text: fix },
              defaultConfiguration: { level: levels[severity] },
            })),
          },
        },
        results: document.findings.flatMap((finding) =>
          resultsOf(
            finding,
            uri,
            rules.findIndex(({ rule }) => rule === finding.rule),
          ),
        ),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
}

function resultsOf({ rule, severity, rows, message, fix }: DataFinding, uri: string, ruleIndex: number): object[] {
  const at = (line?: number) => ({
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: `${message} ${fix}` },
    locations: [{ physicalLocation: { artifactLocation: { uri }, ...(line !== undefined && { region: { startLine: line } }) } }],
  });
  return rows.length === 0 ? [at()] : rows.slice(0, placesPerRule).map((line) => at(line));
}
